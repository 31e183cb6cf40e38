//! The routes of a listener, which other ones can replace while it serves.

use std::sync::{Arc, OnceLock};

use axum::Router;

/// The routes that a listener serves. Clones share the replacement.
#[derive(Clone, Debug)]
pub struct Routes {
    first: Served,
    replacement: Arc<OnceLock<Served>>,
}

/// What is served at a time.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) router: Router,
    /// Whether requests are carried on to somebody else, and may need more of their connection than an answer.
    pub(super) carries: bool,
}

impl Routes {
    /// The routes for the next request.
    pub(super) fn current(&self) -> &Served {
        self.replacement.get().unwrap_or(&self.first)
    }

    /// Serves these routes from now on, on open connections too. Only the first replacement counts.
    pub fn replace(&self, routes: impl Into<Self>) {
        let _ = self.replacement.set(routes.into().first);
    }

    /// Routes that carry requests on.
    pub(crate) fn carrying(router: Router) -> Self {
        Self::serving(router, true)
    }

    fn serving(router: Router, carries: bool) -> Self {
        Self {
            first: Served { router, carries },
            replacement: Arc::default(),
        }
    }
}

impl From<Router> for Routes {
    fn from(router: Router) -> Self {
        Self::serving(router, false)
    }
}
