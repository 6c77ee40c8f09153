//! Archives from strangers: counted before and while unpacking, never written to disk, names that
//! lead elsewhere never opened, and archives inside archives left closed.

use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::emit::{Emit, Refused, Stop};

/// The most entries.
pub(super) const MOST_ENTRIES: u64 = 50_000;
/// The most bytes unpacked, all entries together.
const MOST_BYTES: u64 = 4 << 30;
/// The most bytes of one entry.
const MOST_OF_ONE: u64 = 2 << 30;
/// More than this ratio is a bomb, once more than [`FREE_BYTES`] were unpacked.
const MOST_RATIO: u64 = 200;
const FREE_BYTES: u64 = 64 << 20;

/// Named files that can be opened one at a time: a zip or a folder.
pub(super) trait Files {
    /// Names that may be opened, with `/` between folders, in any order.
    fn names(&self) -> &[String];
    /// Opens a file by its index in [`Files::names`].
    fn open(&mut self, index: usize) -> io::Result<Box<dyn Read + '_>>;
}

/// A zip archive.
pub(super) struct Zip<R> {
    archive: ZipArchive<R>,
    names: Vec<String>,
    /// Index in the archive of each name.
    indexes: Vec<usize>,
    packed: u64,
    unpacked: u64,
}

impl<R: Read + Seek> Zip<R> {
    /// Reads the table at the end. What is not safe to open is reported by name.
    pub(super) fn open(mut input: R, emit: &mut Emit<'_>) -> Result<Zip<R>, Stop> {
        let packed = input.seek(SeekFrom::End(0))?;
        if let Some(entries) = entries_told(&mut input, packed)?
            && entries > MOST_ENTRIES
        {
            return Err(too_many(entries).into());
        }
        input.rewind()?;
        let mut archive = ZipArchive::new(input).map_err(|error| unreadable(&error))?;
        if archive.len() as u64 > MOST_ENTRIES {
            return Err(too_many(archive.len() as u64).into());
        }
        let (mut names, mut indexes, mut told) = (Vec::new(), Vec::new(), 0_u64);
        for index in 0..archive.len() {
            let Ok(entry) = archive.by_index_raw(index) else {
                emit.aside(
                    format!("entry {}", index + 1),
                    "Its place in the archive is damaged; it was not opened.",
                )?;
                continue;
            };
            let Ok(name) = entry.name().map(|name| name.into_owned()) else {
                emit.aside(
                    format!("entry {}", index + 1),
                    "Its name cannot be read; it was not opened.",
                )?;
                continue;
            };
            told = told.saturating_add(entry.size());
            if let Some(why) = unsafe_name(&name).or_else(|| not_opened(&entry, &name)) {
                emit.aside(name, why)?;
            } else if entry.size() > MOST_OF_ONE {
                emit.aside(name, "It says it is larger than 2 GiB unpacked; it was not opened.")?;
            } else if !entry.is_dir() {
                names.push(name);
                indexes.push(index);
            }
        }
        if is_bomb(told, packed) {
            return Err(bomb().into());
        }
        Ok(Zip { archive, names, indexes, packed, unpacked: 0 })
    }
}

impl<R: Read + Seek> Files for Zip<R> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn open(&mut self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        let entry = self.archive.by_index(self.indexes[index]).map_err(io::Error::other)?;
        let told = entry.size();
        Ok(Box::new(Counted {
            inner: entry,
            told,
            one: 0,
            all: &mut self.unpacked,
            packed: self.packed,
        }))
    }
}

/// Refuses while unpacking what the table did not tell.
struct Counted<'a, R> {
    inner: R,
    told: u64,
    one: u64,
    all: &'a mut u64,
    packed: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.one += read as u64;
        *self.all += read as u64;
        if self.one > self.told {
            return Err(io::Error::other("the archive says it is smaller than it is"));
        }
        if self.one > MOST_OF_ONE || is_bomb(*self.all, self.packed) {
            return Err(io::Error::other("it unpacks to far more than an export holds"));
        }
        Ok(read)
    }
}

fn is_bomb(unpacked: u64, packed: u64) -> bool {
    unpacked > MOST_BYTES || unpacked > FREE_BYTES && unpacked / packed.max(1) > MOST_RATIO
}

fn bomb() -> Refused {
    let why = "The archive unpacks to far more than an export holds (more than 4 GiB, or more than 200 times its size).";
    Refused::new(why, "If it is a real export, export fewer channels or a shorter time.")
}

fn too_many(entries: u64) -> Refused {
    let why = format!("The archive has {entries} files; at most {MOST_ENTRIES} are read.");
    Refused::new(why, "Export fewer channels or a shorter time.")
}

fn unreadable(error: &zip::result::ZipError) -> Refused {
    let why = format!("The archive cannot be read; it may be cut off or damaged ({error}).");
    Refused::new(why, "Download or export it again.")
}

/// Why a name is not opened: it would lead out of the folder, or is made to deceive.
pub(super) fn unsafe_name(name: &str) -> Option<&'static str> {
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.is_empty() || name.contains(['\0', '\\']) || name.starts_with('/') || drive {
        return Some("Its name is absolute or has characters no export uses; it was not opened.");
    }
    if name.split('/').any(|part| part == ".." || part == ".") {
        return Some("Its name leads out of the archive; it was not opened.");
    }
    None
}

fn not_opened<R: Read + ?Sized>(
    entry: &zip::read::ZipFile<'_, R>,
    name: &str,
) -> Option<&'static str> {
    if entry.is_symlink() {
        return Some("It is a link to another file; it was not opened.");
    }
    if entry.encrypted() {
        return Some("It is protected by a password; it was not opened.");
    }
    let name = name.to_ascii_lowercase();
    let nested = [".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".xz", ".bz2", ".zst"];
    nested.iter().any(|end| name.ends_with(end)).then_some(
        "An archive inside the archive is not opened. Unpack it and import it on its own.",
    )
}

/// How many entries the table says it has, read before the table itself.
fn entries_told(input: &mut (impl Read + Seek), size: u64) -> io::Result<Option<u64>> {
    let tail = size.min(22 + 0xffff + 20 + 56);
    input.seek(SeekFrom::Start(size - tail))?;
    let mut bytes = Vec::new();
    input.take(tail).read_to_end(&mut bytes)?;
    let Some(end) = bytes.windows(4).rposition(|four| four == b"PK\x05\x06") else {
        return Ok(None);
    };
    let Some(short) = bytes.get(end + 10..end + 12) else { return Ok(None) };
    let short = u16::from_le_bytes([short[0], short[1]]);
    let wide = bytes[..end].windows(4).rposition(|four| four == b"PK\x06\x06");
    let wide =
        wide.and_then(|at| bytes.get(at + 32..at + 40)).and_then(|eight| eight.try_into().ok());
    Ok(Some(wide.map_or(u64::from(short), u64::from_le_bytes)))
}

/// A folder: paths, and a way to open one.
pub(super) struct Folder<'a> {
    names: Vec<String>,
    open: &'a mut dyn FnMut(&str) -> io::Result<Box<dyn Read>>,
}

impl<'a> Folder<'a> {
    /// Paths with `/` or `\` between folders, relative to the folder.
    pub(super) fn new(
        paths: &[String],
        open: &'a mut dyn FnMut(&str) -> io::Result<Box<dyn Read>>,
    ) -> Folder<'a> {
        Folder { names: paths.to_vec(), open }
    }
}

impl Files for Folder<'_> {
    fn names(&self) -> &[String] {
        &self.names
    }
    fn open(&mut self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        (self.open)(&self.names[index])
    }
}
