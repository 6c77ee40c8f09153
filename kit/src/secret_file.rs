//! A secret of this instance, in a file that only its owner reads; made at the first start.

use crate::chance;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// 256 bits nobody can foresee.
pub type Key = [u8; 32];

/// Reads the secret, or makes it: 64 hexadecimal digits and a line end, mode 0600. The file appears
/// whole or not at all.
///
/// # Errors
/// When the file cannot be read or written, or holds something else; then it is left as it is, since
/// what was signed by it would be refused for ever after.
pub fn open(path: &Path) -> io::Result<Key> {
    match fs::read_to_string(path) {
        Ok(text) => read(&text).ok_or_else(|| {
            let why = "is not 64 hexadecimal digits; bring the file back from a backup, or take it \
                       away and a new one is made (cursors that were given out then end)";
            io::Error::new(io::ErrorKind::InvalidData, why)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        Err(error) => Err(error),
    }
}

fn read(text: &str) -> Option<Key> {
    hex::decode(text.trim()).ok()?.try_into().ok()
}

fn make(path: &Path) -> io::Result<Key> {
    let key: Key = chance::bytes();
    let beside = path.with_extension("new");
    fs::remove_file(&beside).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    writeln!(file, "{}", hex::encode(key))?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::open;

    #[test]
    fn it_is_made_once_for_its_owner_alone_and_never_overwritten() {
        let name = format!("kit-secret-{}", hex::encode(crate::chance::bytes::<8>()));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("secret.key");
        let made = open(&path).unwrap();
        assert_eq!(open(&path).unwrap(), made);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "not a key\n").unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("64 hexadecimal digits"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a key\n");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
