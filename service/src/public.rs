//! The routes for clients: those of the wire contract, what balancers ask, and an answer for every other path, which may be
//! the backend's.

use axum::Router;
use axum::middleware;
use wxsession_protocol::ProblemCode;
use wxsession_server::{Backend, HttpProblem};

use crate::counters::SignInCounters;
use crate::edge::{self, SignInLimit};
use crate::health::{self, Readiness};
use crate::requests;
use crate::serve::Routes;
use crate::upstream::Upstream;

/// What the public listener serves.
pub struct Public {
    backend: Backend,
    limit: Option<SignInLimit>,
    readiness: Readiness,
    accounts: Option<Router>,
    old_clients: Router,
    more: Router,
    upstream: Option<Upstream>,
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
            upstream: None,
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

    /// Carries every request that no route is for to the app's backend.
    #[must_use]
    pub(crate) fn carrying_to(mut self, upstream: Upstream) -> Self {
        self.upstream = Some(upstream);
        self
    }

    /// All routes, for [`serve`](crate::serve()).
    pub fn routes(self) -> Routes {
        match self.upstream {
            Some(_) => Routes::carrying(self.router()),
            None => self.router().into(),
        }
    }

    /// All routes. Where requests are carried to a backend, [`Public::routes`] serves them better: large uploads take their
    /// time, and a stop waits for sockets.
    pub fn router(self) -> Router {
        let mut contract = self.backend.routes();
        let mut more = self
            .more
            .merge(self.accounts.unwrap_or_default())
            .method_not_allowed_fallback(async || HttpProblem::new(ProblemCode::MethodNotAllowed));
        if let Some(limit) = self.limit {
            let check = edge::admitting(move |request| limit.check(request));
            contract = contract.layer(check.clone());
            // Routes of accounts exchange codes too, also where a program adds them as its own.
            more = more.layer(check);
        }
        let count = middleware::from_fn_with_state(SignInCounters::new(), SignInCounters::count);
        let others = Router::new()
            .merge(health::in_short(self.readiness))
            .method_not_allowed_fallback(async || HttpProblem::new(ProblemCode::MethodNotAllowed));
        let routes = contract.layer(count).merge(more).merge(others);
        let routes = routes.merge(self.old_clients);
        let guard = edge::admitting(edge::headers_fit);
        let telling = requests::Telling::new();
        match self.upstream {
            None => routes
                .fallback(async || HttpProblem::new(ProblemCode::NotFound))
                .layer((telling, edge::uncached(), guard)),
            // Whether its answers are cached is for the backend to say.
            Some(upstream) => {
                let carried = upstream.routes().layer((telling.clone(), guard.clone()));
                let own = routes.layer((telling, edge::uncached(), guard));
                own.fallback_service(carried)
            }
        }
    }
}
