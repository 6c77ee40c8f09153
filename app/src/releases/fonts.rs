//! Fonts for signs that the built-in ones lack, such as Chinese or emoji: from the folder that was
//! configured, or else from where systems keep theirs. Looked for when a release has such a sign.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where Linux systems keep their fonts.
const USUAL: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];
/// Files looked at, at most.
const FILES: usize = 2_000;
/// Folders within folders, at most.
const DEPTH: usize = 5;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;
/// Bytes read for one release, at most.
const READ: u64 = 256 << 20;
/// Files that stand for nothing but a weight or slant that text is not set in.
const OTHER_STYLES: [&str; 10] =
    ["bold", "italic", "oblique", "light", "thin", "black", "medium", "condensed", "mono", "demi"];

/// Font files that may be asked, in the order in which they are, the same on every run.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidates {
    files: Vec<(PathBuf, u64)>,
}

impl Candidates {
    /// Those of the configured folder, or of the usual places where it is empty.
    pub(super) fn of(folder: &Path) -> Candidates {
        let usual = USUAL.map(PathBuf::from);
        let roots = if folder.as_os_str().is_empty() { &usual[..] } else { &[folder.to_owned()] };
        let mut files = Vec::new();
        for root in roots {
            gather(root, DEPTH, &mut files);
        }
        // Upright text weights first; among these by name.
        files.sort_by_cached_key(|(path, _)| (is_other_style(path), path.clone()));
        Candidates { files }
    }

    /// Tells these files from others, so that a PDF is set anew when fonts come or go.
    pub(super) fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        for (path, length) in &self.files {
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update(length.to_le_bytes());
        }
        hex::encode(&digest.finalize()[..6])
    }

    /// Reads files until every sign has one; those that bring none of them are left out. What is found
    /// brings its bold sister, so that emphasis is seen in these signs, too.
    pub(super) fn bring(&self, mut missing: BTreeSet<char>) -> Vec<Vec<u8>> {
        let (mut found, mut read) = (Vec::new(), 0);
        for (path, length) in &self.files {
            read += length;
            if missing.is_empty() || read > READ {
                break;
            }
            let Ok(bytes) = std::fs::read(path) else { continue };
            let covered = typeset::covered(&bytes, &missing);
            if !covered.is_empty() {
                missing.retain(|sign| !covered.contains(sign));
                found.push(bytes);
                found.extend(self.bold_sister(path).and_then(|bold| std::fs::read(bold).ok()));
            }
        }
        found
    }

    /// `NotoSansCJK-Bold.ttc` of `NotoSansCJK-Regular.ttc`.
    fn bold_sister(&self, path: &Path) -> Option<&Path> {
        let name = path.file_name()?.to_str()?;
        let bold = path.with_file_name(name.replace("Regular", "Bold"));
        let found = self.files.iter().find(|(other, _)| *other == bold && *other != path);
        found.map(|(bold, _)| bold.as_path())
    }
}

fn is_other_style(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| OTHER_STYLES.iter().any(|style| name.contains(style)))
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<(PathBuf, u64)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if files.len() >= FILES {
            return;
        }
        let Ok(about) = path.metadata() else { continue };
        if about.is_dir() && depth > 0 {
            gather(&path, depth - 1, files);
        } else if about.is_file() && about.len() <= LARGEST && is_font(&path) {
            files.push((path, about.len()));
        }
    }
}

fn is_font(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| matches!(ending.as_str(), "otf" | "ttf" | "ttc" | "otc"))
}

#[cfg(test)]
mod tests {
    use super::Candidates;
    use std::collections::BTreeSet;

    #[test]
    fn a_regular_face_has_its_bold_sister() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["Cjk-Regular.ttc", "Cjk-Bold.ttc", "Emoji.ttf", "Lone-Regular.otf"] {
            std::fs::write(at(name), b"no font").unwrap();
        }
        let fonts = Candidates::of(folder.path());
        assert_eq!(fonts.bold_sister(&at("Cjk-Regular.ttc")), Some(at("Cjk-Bold.ttc").as_path()));
        assert_eq!(fonts.bold_sister(&at("Emoji.ttf")), None);
        assert_eq!(fonts.bold_sister(&at("Lone-Regular.otf")), None);
    }

    #[test]
    fn a_folder_is_searched_in_order_and_what_is_no_font_breaks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), b"no font").unwrap();
        std::fs::create_dir(folder.path().join("cjk")).unwrap();
        for name in ["b-Bold.ttf", "readme.txt", "cjk/c.TTC", "a.otf"] {
            write(name);
        }
        let found = Candidates::of(folder.path());
        let names: Vec<_> = found.files.iter().map(|(path, _)| path.file_name().unwrap()).collect();
        assert_eq!(names, ["a.otf", "c.TTC", "b-Bold.ttf"]);
        assert!(found.bring(BTreeSet::from(['漢'])).is_empty());
        let before = found.fingerprint();
        write("d.ttf");
        assert_ne!(Candidates::of(folder.path()).fingerprint(), before);
        assert!(Candidates::of(&folder.path().join("not-there")).files.is_empty());
    }
}
