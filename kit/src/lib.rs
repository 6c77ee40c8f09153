//! What Afterword needs and what is none of its domain: two databases under one SQL text, the HTTP
//! edge, ids, time and chance. It names no noun of the product; a second product could use it.

pub mod chance;
pub mod clock;
pub mod db;
pub mod id;
pub mod line;
pub mod markdown;
pub mod schema;
pub mod secret_file;
pub mod table;
pub mod web;
pub mod words;

#[doc(hidden)]
pub use inventory;
#[doc(hidden)]
pub use utoipa;
