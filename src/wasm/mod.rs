//! The boundary to the script.
//!
//! Only numbers cross. A session id and a login code are secrets that never enter the module: each is the number of a text
//! that the script keeps. The module imports nothing. The script tells it what has happened, then takes the errands that
//! follow one by one. So the engine has no function of JavaScript to make callable, which takes most of the time of
//! instantiation, and no call comes in the middle of another.
//!
//! No float is formatted and nothing is printed with `{:?}`: both cost kilobytes.
//!
//! The feature `module` adds the boundary: exported functions, which make the crate a module of its own.
//! Without the feature the crate is a library for other modules.

mod core;

pub use core::*;
