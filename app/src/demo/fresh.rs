//! The fresh incident's raw files: taken in through the importers, as a visitor would.

use super::content::Import;
use super::load::{Loader, because};
use super::load_incident::Going;
use crate::evidence::files::Arriving;
use crate::evidence::import::Mapping;
use crate::evidence::take_in::{self, Asked, To};
use anyhow::{Context, Result};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

macro_rules! files {
    ($($path:literal),+ $(,)?) => { &[$(($path, include_bytes!($path))),+] };
}

/// Every raw file, by its path beside this one.
const FILES: &[(&str, &[u8])] = files![
    "fresh/alerts/1-carrier-slow-firing.json",
    "fresh/alerts/2-delivery-days-firing.json",
    "fresh/alerts/3-delivery-days-resolved.json",
    "fresh/alerts/4-carrier-slow-resolved.json",
    "fresh/care-cases.csv",
    "fresh/deploys/0-holidays-pipeline.json",
    "fresh/deploys/1-parcel-2.31.0-success.json",
    "fresh/deploys/2-parcel-2.30.4-rollback-in-progress.json",
    "fresh/deploys/3-parcel-2.30.4-rollback-success.json",
    "fresh/notes.txt",
    "fresh/parcel.log",
    "fresh/prometheus-query-range.json",
    "fresh/slack/canvases.json",
    "fresh/slack/channels.json",
    "fresh/slack/dms.json",
    "fresh/slack/fulfilment/2026-11-16.json",
    "fresh/slack/fulfilment/2026-11-17.json",
    "fresh/slack/groups.json",
    "fresh/slack/inc-delivery-days/2026-11-16.json",
    "fresh/slack/inc-delivery-days/2026-11-17.json",
    "fresh/slack/integration_logs.json",
    "fresh/slack/mpims.json",
    "fresh/slack/users.json",
];

/// A folder of files as the zip that a browser would send.
fn zipped(folder: &str) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let prefix = format!("{folder}/");
    for (path, bytes) in FILES {
        if let Some(inner) = path.strip_prefix(&prefix) {
            zip.start_file(inner, SimpleFileOptions::default())?;
            zip.write_all(bytes)?;
        }
    }
    Ok(zip.finish()?.into_inner())
}

fn bytes_of(path: &str) -> Result<(String, Vec<u8>)> {
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    match FILES.iter().find(|(one, _)| *one == path) {
        Some((_, bytes)) => Ok((name, bytes.to_vec())),
        None => Ok((format!("{name}.zip"), zipped(path)?)),
    }
}

impl Loader {
    pub(super) async fn import_files(&self, going: &Going<'_>) -> Result<()> {
        for one in &going.told.imports {
            self.import_file(going, one).await.with_context(|| one.file.clone())?;
        }
        Ok(())
    }

    async fn import_file(&self, going: &Going<'_>, one: &Import) -> Result<()> {
        let (name, bytes) = bytes_of(&one.file)?;
        let said = |problem| because("import", &problem);
        let incident = self.seen(&going.by, going.key).await?;
        let mapping = one.mapping.as_ref().map(|mapping| Mapping {
            at: mapping.at.clone(),
            text: mapping.text.clone(),
            author: mapping.author.clone(),
            kind: mapping.kind.clone(),
            url: mapping.url.clone(),
            id: mapping.id.clone(),
        });
        let (zone, day) = (one.zone.as_deref().unwrap_or(""), one.day.as_deref().unwrap_or(""));
        let asked = Asked::check(zone, day, mapping).map_err(said)?;
        let mut arriving = Arriving::begin(&self.app).map_err(said)?;
        arriving.take(&bytes).await.map_err(said)?;
        let to = To { app: &self.app, viewer: &going.by, incident: &incident, ask_columns: false };
        take_in::take_in(&to, arriving, &name, asked).await.map_err(said)?;
        Ok(())
    }
}
