//! Afterword: evidence becomes a timeline, the timeline a blameless retrospective, the retrospective
//! follow-through that gets done. The slices are in the order a newcomer should read them; a slice
//! uses those above it and never those below.

pub mod access;
pub mod shell;
pub mod api;
pub mod audit;
pub mod people;
pub mod tokens;
pub mod settings;
pub mod teams;
pub mod calendars;
pub mod services;
pub mod catalogue;
pub mod incidents;
pub mod evidence;
pub mod timeline;
pub mod draft;
pub mod nudges;
pub mod kinds;
pub mod requests;
pub mod policy;
pub mod configuration;
pub mod retrospectives;
pub mod investigators;
pub mod fields;
pub mod factors;
pub mod actions;
pub mod risks;
pub mod releases;
pub mod steps;
pub mod insights;
pub mod search;
pub mod home;
pub mod demo;
pub mod upkeep;

pub mod app;
pub mod config;
pub mod site;

pub mod cli;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod everywhere;
#[cfg(test)]
mod seats;
#[cfg(test)]
mod unsaid;
