//! The routes of a listener, which other ones can replace while it serves.

use std::sync::{Arc, OnceLock};

use axum::Router;

/// The routes that a listener serves. Clones share the replacement.
#[derive(Clone, Debug)]
pub struct Routes {
    first: Router,
    replacement: Arc<OnceLock<Router>>,
}

impl Routes {
    /// The routes for the next request.
    pub(super) fn current(&self) -> &Router {
        self.replacement.get().unwrap_or(&self.first)
    }

    /// Serves these routes from now on, on open connections too. Only the first replacement counts.
    pub fn replace(&self, routes: Router) {
        let _ = self.replacement.set(routes);
    }
}

impl From<Router> for Routes {
    fn from(first: Router) -> Self {
        Self {
            first,
            replacement: Arc::default(),
        }
    }
}
