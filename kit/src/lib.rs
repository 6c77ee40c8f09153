//! What Afterword needs and what is none of its domain.
