//! The boundary to JavaScript, one file a side: what the shim calls ([`core`]) and what it is called
//! for ([`host`]).
//!
//! Values come in as numbers and strings, or through typed getters that take anything; values go out through
//! serde. No float is formatted and nothing is printed with `{:?}`: both cost kilobytes.

mod core;
mod host;
