//! Rules about our own source, as fast tests.
