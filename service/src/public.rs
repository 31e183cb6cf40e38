//! The routes for clients: those of the wire contract, what balancers ask, and an answer for every other path.

use axum::Router;
use axum::middleware;
use wxsession_protocol::ProblemCode;
use wxsession_server::{Backend, HttpProblem};

use crate::counters::SignInCounters;
use crate::edge::{self, SignInLimit};
use crate::health::{self, Readiness};
use crate::requests;

/// What the public listener serves.
pub struct Public {
    backend: Backend,
    limit: Option<SignInLimit>,
    readiness: Readiness,
    accounts: Option<Router>,
    old_clients: Router,
    more: Router,
}

impl Public {
    pub(crate) fn new(backend: Backend) -> Self {
        Self {
            backend,
            limit: None,
            readiness: Readiness::default(),
            accounts: None,
            old_clients: Router::new(),
            more: Router::new(),
        }
    }

    /// Limits how often a client may sign in.
    #[must_use]
    pub fn limit_sign_ins(mut self, limit: SignInLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Tells balancers with this whether the server is ready.
    #[must_use]
    pub fn ready_until(mut self, readiness: Readiness) -> Self {
        self.readiness = readiness;
        self
    }

    /// Serves the routes of accounts that this server keeps.
    #[must_use]
    pub(crate) fn with_accounts(mut self, routes: Router) -> Self {
        self.accounts = Some(routes);
        self
    }

    /// Serves the login URLs of old clients.
    #[must_use]
    pub(crate) fn with_old_clients(mut self, routes: Router) -> Self {
        self.old_clients = routes;
        self
    }

    /// Serves an app's own routes beside the others. The limit on headers and `Cache-Control: no-store` hold for
    /// them too, and they must not have a fallback of their own.
    #[must_use]
    pub fn with_routes(mut self, routes: Router) -> Self {
        self.more = self.more.merge(routes);
        self
    }

    /// All routes.
    pub fn router(self) -> Router {
        let mut contract = self.backend.routes();
        let mut more = self
            .more
            .merge(self.accounts.unwrap_or_default())
            .method_not_allowed_fallback(async || HttpProblem::new(ProblemCode::MethodNotAllowed));
        if let Some(limit) = self.limit {
            let check = edge::admitting(move |request| limit.check(request));
            contract = contract.layer(check.clone());
            // Routes of accounts exchange codes too.
            more = more.layer(check);
        }
        let count = middleware::from_fn_with_state(SignInCounters::new(), SignInCounters::count);
        let others = Router::new()
            .merge(health::in_short(self.readiness))
            .fallback(async || HttpProblem::new(ProblemCode::NotFound))
            .method_not_allowed_fallback(async || HttpProblem::new(ProblemCode::MethodNotAllowed));
        let routes = contract.layer(count).merge(more).merge(others);
        let routes = routes.merge(self.old_clients);
        let guard = edge::admitting(edge::headers_fit);
        routes.layer((requests::Telling::new(), edge::uncached(), guard))
    }
}
