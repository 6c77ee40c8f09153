//! The shell: what every page is inside of. Style, islands, the frame with its navigation, words for
//! times, and the pages that say what went wrong.
//!
//! Invariants
//! - No page loads anything from elsewhere, has a script or style of its own inside, or needs
//!   JavaScript to be read.
//! - Every response carries the security headers, errors too.
//!
//! Tables: none.

pub mod assets;
mod described;
pub mod frame;
pub mod headers;
pub mod json;
pub mod moment;
pub mod sent;
pub mod trouble;
mod typed;
pub mod words;

pub(crate) use described::routes;
pub use frame::{Frame, Page, page};
pub use typed::Typed;

/// Whether an address that came with a request is a path of this server. Browsers read `\` as `/` and
/// pass over tabs and line ends, so that `/\evil` and `/<tab>/evil` are other servers.
#[must_use]
pub fn is_own_path(text: &str) -> bool {
    let strange = |c: char| c == '\\' || c.is_control();
    text.starts_with('/') && !text.starts_with("//") && !text.contains(strange)
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn only_a_path_of_ours_is_one() {
        assert!(is_own_path("/") && is_own_path("/i/INC-1?x=1#y"));
        for elsewhere in
            ["", "i", "//evil.test", "/\\evil.test", "/\t/evil.test", "https://evil.test", "/\r\nx"]
        {
            assert!(!is_own_path(elsewhere), "{elsewhere:?}");
        }
    }
}
