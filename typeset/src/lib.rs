//! A document of ours as a typeset, tagged PDF.
