//! Pictures: PNG, JPEG, GIF and WebP, known by their first bytes and read no further than their header.
//!
//! An SVG can hold script: it is kept as a file and never shown. A picture that says it is enormous is
//! refused before anything unpacks it.

use std::io::{BufReader, Read, Seek};

use imagesize::ImageType;
use sha2::{Digest, Sha256};

use super::{
    emit::{Emit, Refused, Stop},
    item::{Item, Kind, Options},
    when,
};

/// The longest side, in pixels.
pub const LONGEST_SIDE: usize = 12_000;
/// The most pixels.
pub const MOST_PIXELS: usize = 64_000_000;
/// The largest file.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What a picture says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// `image/png` and so on; the only types that may be served inline.
    pub media_type: &'static str,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
}

/// Reads the header; refuses what is no picture, SVG, and what is too large to draw.
pub fn header<R: Read + Seek>(mut input: R) -> Result<Picture, Refused> {
    let mut head = Vec::new();
    let mut start = || -> std::io::Result<()> {
        input.rewind()?;
        input.by_ref().take(1024).read_to_end(&mut head)?;
        input.rewind()
    };
    start().map_err(|error| {
        Refused::new(format!("The picture cannot be read: {error}."), "Send it again.")
    })?;
    if is_svg(&head) {
        return Err(Refused::new(
            "An SVG can hold script, so it is kept as a file and never shown.",
            "Save it as PNG to have it shown.",
        ));
    }
    let (media_type, name) = match imagesize::image_type(&head) {
        Ok(ImageType::Png) => ("image/png", "PNG"),
        Ok(ImageType::Jpeg) => ("image/jpeg", "JPEG"),
        Ok(ImageType::Gif) => ("image/gif", "GIF"),
        Ok(ImageType::Webp) => ("image/webp", "WebP"),
        _ => {
            return Err(Refused::new(
                "It is not a picture we know.",
                "Use PNG, JPEG, GIF or WebP.",
            ));
        }
    };
    let size = imagesize::reader_size(BufReader::new(input)).map_err(|_| {
        Refused::new(
            format!("The {name} is damaged: it does not tell its size."),
            "Save it again and send that.",
        )
    })?;
    let pixels = size.width.saturating_mul(size.height);
    if size.width.max(size.height) > LONGEST_SIDE || pixels > MOST_PIXELS || pixels == 0 {
        let why = format!(
            "The {name} is {} by {} pixels; at most {LONGEST_SIDE} on a side and 64 million in all are shown.",
            size.width, size.height
        );
        return Err(Refused::new(why, "Make it smaller and send that."));
    }
    Ok(Picture { media_type, width: size.width, height: size.height })
}

/// Whether the first bytes are those of an SVG.
pub(super) fn is_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    start.starts_with("<svg")
        || (start.starts_with("<?xml")
            || start.starts_with("<!--")
            || start.starts_with("<!doctype svg"))
            && text.contains("<svg")
}

/// Reads a picture as one item. `taken_at` is when it was taken, if the person knows; else the day said
/// at import or the time it came.
pub(super) fn read<R: Read + Seek>(
    mut input: R,
    options: &Options,
    taken_at: Option<jiff::Timestamp>,
    emit: &mut Emit<'_>,
) -> Result<(), Stop> {
    let mut head = Vec::new();
    input.rewind()?;
    input.by_ref().take(1024).read_to_end(&mut head)?;
    let svg = is_svg(&head);
    let picture = if svg { None } else { Some(header(&mut input)?) };
    let (occurred, note) = match taken_at
        .map(|at| (when::given(at), None))
        .or_else(|| when::undated(options).map(|(o, n)| (o, Some(n))))
    {
        Some(found) => found,
        None => {
            return Err(Refused::new(
                "A picture has no time of its own.",
                "Say when it was taken, or the day and zone.",
            )
            .into());
        }
    };
    let id = fingerprint(&mut input, emit)?;
    let mut item = Item::new(Kind::File, "image", id, occurred);
    item.place = Some(options.file_name.clone());
    let name = if options.file_name.is_empty() { "without a name" } else { &options.file_name };
    match picture {
        Some(picture) => {
            item.text = format!("Picture {name}, {} by {} pixels", picture.width, picture.height);
            item.label("media_type", picture.media_type);
            item.label("width", picture.width.to_string());
            item.label("height", picture.height.to_string());
        }
        None => {
            item.text = format!("File {name} (SVG, not shown)");
            item.label("media_type", "application/octet-stream");
            emit.aside("the whole file", "An SVG can hold script, so it is kept as a file and never shown. Save it as PNG to have it shown.")?;
        }
    }
    item.label("time_note", note.unwrap_or_default());
    emit.item(item, "the whole file")
}

/// The SHA-256 of the whole file, in small pieces.
fn fingerprint<R: Read + Seek>(input: &mut R, emit: &Emit<'_>) -> Result<String, Stop> {
    input.rewind()?;
    let mut reader = emit.meter.over(input.take(LARGEST + 1));
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        total += read as u64;
        if total > LARGEST {
            return Err(Refused::new(
                "The picture is larger than 64 MiB.",
                "Make it smaller and send that.",
            )
            .into());
        }
        hasher.update(&buffer[..read]);
    }
}
