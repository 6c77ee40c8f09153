//! The file of a backup: a tar archive that ends in the digest of everything before its end, so that one
//! cut short anywhere or with one bit turned is known from its bytes alone.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The format this program writes and the newest it reads.
pub const FORMAT: u32 = 1;
/// The first entry.
pub const MANIFEST: &str = "manifest.json";
/// The last entry.
const SEAL: &str = "seal.sha256";
/// A header, a block with the digest, two blocks of nothing.
const SEAL_LENGTH: u64 = 2_048;

/// What a backup is of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The archive's format.
    pub format: u32,
    /// The version of Afterword that wrote it.
    pub version: String,
    /// When.
    pub made_at: kit::db::Time,
    /// The database it was taken from; the copy within is SQLite always.
    pub database: String,
    /// The steps of the schema it has.
    pub migrations: Vec<String>,
    /// Where the audit record ends.
    pub anchor: String,
    /// Files that rows name and that were not there, or had another content.
    pub damaged_files: Vec<String>,
}

/// Writes through and digests.
struct Sealed<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    header
}

/// The end of an archive whose bytes before it have this digest.
fn seal(digest: &str) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let text = format!("{digest}\n");
    builder.append_data(&mut header(text.len() as u64), SEAL, text.as_bytes())?;
    builder.into_inner()
}

/// An archive that is being written; it goes by its name when it is finished, and not before.
pub struct Writing {
    builder: tar::Builder<Sealed<io::BufWriter<File>>>,
    part: PathBuf,
    path: PathBuf,
}

impl Writing {
    /// Begins one with its manifest.
    ///
    /// # Errors
    /// When the file is there already, or cannot be made.
    pub fn begin(path: &Path, manifest: &Manifest) -> Result<Writing> {
        if path.exists() {
            bail!("{} is there already; name another file", path.display());
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // It holds everything there is: for its owner alone.
        let options = File::options().write(true).create(true).truncate(true).mode(0o600).clone();
        let file =
            options.open(&part).with_context(|| format!("{} cannot be written", part.display()))?;
        let to = Sealed { to: io::BufWriter::with_capacity(1 << 20, file), hash: Sha256::new() };
        let mut writing = Writing { builder: tar::Builder::new(to), part, path: path.to_owned() };
        let text = serde_json::to_vec_pretty(manifest)?;
        writing.builder.append_data(&mut header(text.len() as u64), MANIFEST, text.as_slice())?;
        Ok(writing)
    }

    /// Adds a file under a name.
    ///
    /// # Errors
    /// When it does not read, or the disk is full.
    pub fn add(&mut self, name: &str, file: &Path) -> Result<()> {
        let from = File::open(file).with_context(|| format!("{} does not read", file.display()))?;
        let size = from.metadata()?.len();
        // Exactly what the header says, also when the file grows meanwhile.
        self.builder.append_data(&mut header(size), name, from.take(size))?;
        Ok(())
    }

    /// Ends it: sealed, on the disk, under its name.
    ///
    /// # Errors
    /// What the disk says.
    pub fn finish(mut self) -> Result<u64> {
        self.builder.get_mut().flush()?;
        let digest = hex::encode(self.builder.get_ref().hash.clone().finalize());
        // The same bytes as `seal` gives: the entry, then the end of the archive.
        let text = format!("{digest}\n");
        self.builder.append_data(&mut header(text.len() as u64), SEAL, text.as_bytes())?;
        let mut to = self.builder.into_inner()?.to;
        to.flush()?;
        let file = to.get_ref();
        file.sync_all()?;
        let size = file.metadata()?.len();
        std::fs::rename(&self.part, &self.path)?;
        let folder = self.path.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(size)
    }
}

/// Reads an archive to its end and compares it with its seal; gives its manifest.
///
/// # Errors
/// When it is cut, changed, or of a newer format, each in words.
pub fn verify(path: &Path) -> Result<Manifest> {
    let mut file = File::open(path).with_context(|| format!("{} does not read", path.display()))?;
    let length = file.metadata()?.len();
    let damaged = "it was cut short or changed, so it is not used; take another backup";
    if length < SEAL_LENGTH + 512 {
        bail!("{} is no whole backup: {damaged}", path.display());
    }
    let digest = super::files::digest_of((&mut file).take(length - SEAL_LENGTH))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    if end != seal(&digest)? {
        bail!("{} is not what was written: {damaged}", path.display());
    }
    file.seek(SeekFrom::Start(0))?;
    let mut archive = tar::Archive::new(file);
    let mut first = archive.entries()?.next().context("an archive without entries")??;
    if first.path()?.to_string_lossy() != MANIFEST {
        bail!("{} is no backup of Afterword's", path.display());
    }
    let mut text = String::new();
    first.by_ref().take(1 << 20).read_to_string(&mut text)?;
    let value: serde_json::Value = serde_json::from_str(&text)?;
    let format = value["format"].as_u64().unwrap_or(0);
    if format > u64::from(FORMAT) {
        bail!(
            "{} was written by Afterword {} in format {format}, and this is {}, which reads up to \
             {FORMAT}; restore with that version or a later one",
            path.display(),
            value["version"].as_str().unwrap_or("?"),
            env!("CARGO_PKG_VERSION")
        );
    }
    serde_json::from_value(value).context("the manifest is not understood")
}

/// Unpacks what belongs into a data folder, and nothing else, each file synced.
///
/// # Errors
/// For a name that no backup has, or when the disk is full.
pub fn unpack(path: &Path, folder: &Path) -> Result<()> {
    let mut archive = tar::Archive::new(io::BufReader::new(File::open(path)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        if name == MANIFEST || name == SEAL {
            continue;
        }
        let to = match name.as_str() {
            "afterword.sqlite" | "afterword.toml" | "secret.key" => folder.join(&name),
            other => {
                match other.strip_prefix("files/").filter(|digest| super::files::is_digest(digest))
                {
                    Some(digest) => super::files::place(&folder.join("files"), digest),
                    None => bail!("the backup holds `{name}`, which does not belong there"),
                }
            }
        };
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut file =
            File::create(&to).with_context(|| format!("{} cannot be written", to.display()))?;
        io::copy(&mut entry, &mut file)?;
        file.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{FORMAT, Manifest, Writing, unpack, verify};

    fn manifest(format: u32) -> Manifest {
        Manifest {
            format,
            version: "9.9.9".to_owned(),
            made_at: "2026-03-05T12:00:00Z".parse::<jiff::Timestamp>().unwrap().into(),
            database: "SQLite".to_owned(),
            migrations: Vec::new(),
            anchor: String::new(),
            damaged_files: Vec::new(),
        }
    }

    #[test]
    fn cut_anywhere_or_one_bit_turned_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (file, path) = (folder.path().join("x"), folder.path().join("b.tar"));
        std::fs::write(&file, vec![7; 5_000]).unwrap();
        let mut writing = Writing::begin(&path, &manifest(FORMAT)).unwrap();
        let digest = "ab".repeat(32);
        writing.add("secret.key", &file).unwrap();
        writing.add(&format!("files/{digest}"), &file).unwrap();
        let size = writing.finish().unwrap();
        assert_eq!(verify(&path).unwrap().version, "9.9.9");
        let to = folder.path().join("to");
        unpack(&path, &to).unwrap();
        assert_eq!(std::fs::read(to.join("files/ab").join(&digest)).unwrap().len(), 5_000);

        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole.len() as u64, size);
        let bad = folder.path().join("bad.tar");
        for cut in (0..whole.len()).step_by(509).chain([whole.len() - 1]) {
            std::fs::write(&bad, &whole[..cut]).unwrap();
            assert!(verify(&bad).is_err(), "cut at {cut}");
        }
        for at in (0..whole.len()).step_by(97).chain(whole.len() - 2_050..whole.len()) {
            let mut turned = whole.clone();
            turned[at] ^= 1 << (at % 8);
            std::fs::write(&bad, &turned).unwrap();
            assert!(verify(&bad).is_err(), "bit turned at {at}");
        }
        assert!(Writing::begin(&path, &manifest(FORMAT)).is_err(), "it is there already");
    }

    #[test]
    fn a_newer_format_and_a_name_that_does_not_belong_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.tar");
        Writing::begin(&path, &manifest(FORMAT + 1)).unwrap().finish().unwrap();
        let refused = verify(&path).unwrap_err().to_string();
        assert!(refused.contains("9.9.9") && refused.contains("later"), "{refused}");
        let (file, path) = (folder.path().join("x"), folder.path().join("c.tar"));
        std::fs::write(&file, "x").unwrap();
        let mut writing = Writing::begin(&path, &manifest(FORMAT)).unwrap();
        writing.add("files/passwd", &file).unwrap();
        writing.finish().unwrap();
        assert!(unpack(&path, &folder.path().join("to")).is_err());
    }
}
