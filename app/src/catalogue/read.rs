//! A set of files, and which of them is what.

use super::wanted::Wanted;
use super::{backstage, table};
use kit::web::{FieldError, Problem};

/// The most files at once.
pub const MOST: usize = 50;

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Reads files. A file that is none of what we know refuses them all.
///
/// # Errors
/// 422 with the file and what it should be.
pub fn read(files: &[File]) -> Result<Wanted, Problem> {
    if files.is_empty() {
        return Err(Problem::field("files", "Choose a file first."));
    }
    if files.len() > MOST {
        let why = format!("At most {MOST} files at once; these are {}.", files.len());
        return Err(Problem::field("files", why));
    }
    let (mut wanted, mut errors) = (Wanted::default(), Vec::new());
    for (n, file) in files.iter().enumerate() {
        let text = file.text.trim_start_matches('\u{feff}');
        let is_yaml = [".yaml", ".yml"].iter().any(|end| file.name.to_lowercase().ends_with(end));
        let done = if is_yaml || text.lines().any(|line| line.starts_with("apiVersion:")) {
            backstage::read(&file.name, text, &mut wanted);
            Ok(())
        } else {
            table::read(&file.name, text, &mut wanted)
        };
        if let Err(why) = done {
            let message = format!("{}: {why}", file.name);
            errors.push(FieldError { path: format!("files[{n}].text"), message });
        }
    }
    if errors.is_empty() { Ok(wanted) } else { Err(Problem::invalid(errors)) }
}
