//! Limits for figures.

use serde::Serialize;

/// A limit, and whether the run kept within it.
#[derive(Serialize)]
pub(super) struct Budget {
    /// Which table shows the budget.
    pub(super) kind: &'static str,
    pub(super) text: String,
    pub(super) limit: f64,
    pub(super) met: bool,
}
