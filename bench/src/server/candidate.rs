//! The measured services.

use super::figures::Service;

/// Another service, or ours with one of its stores.
pub(super) struct Candidate {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether it keeps its sessions in Redis.
    pub(super) on_redis: bool,
    /// What a reader of the figures needs to know.
    pub(super) note: &'static str,
}

/// What a service is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A script in `bench/services/`.
    Script(&'static str),
    /// The package `bench/services/tower-sessions/`.
    TowerSessions,
    /// Our server, with this store.
    Ours(&'static str),
}

impl Candidate {
    /// Whether the service is ours.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.kind, Kind::Ours(_))
    }

    /// The description in the figures.
    pub(super) fn described(&self) -> Service {
        Service {
            name: self.name,
            is_ours: self.is_ours(),
            note: self.note,
        }
    }
}

/// The service that the others are compared with.
pub(super) const HAND_WRITTEN: &str = "Express + Redis";
/// Ours on Redis, which has most of the budgets.
pub(super) const OURS_ON_REDIS: &str = "wxsession Redis";
/// Ours in a file, which has a budget too.
pub(super) const OURS_ON_REDB: &str = "wxsession redb";

/// All measured services.
pub(super) const ALL: [Candidate; 6] = [
    Candidate {
        name: HAND_WRITTEN,
        kind: Kind::Script("hand-written.js"),
        on_redis: true,
        note: "the hand-written service of the usual tutorial: a GET of Redis for each request",
    },
    Candidate {
        name: "express-session",
        kind: Kind::Script("express-session.js"),
        on_redis: true,
        note: "with connect-redis: a GET and an EXPIRE for each request",
    },
    Candidate {
        name: "tower-sessions",
        kind: Kind::TowerSessions,
        on_redis: true,
        note: "with axum and its Redis store on fred, six connections",
    },
    Candidate {
        name: "wxsession memory",
        kind: Kind::Ours("memory"),
        on_redis: false,
        note: "wxsession-server --store memory",
    },
    Candidate {
        name: OURS_ON_REDB,
        kind: Kind::Ours("redb"),
        on_redis: false,
        note: "wxsession-server --store redb, the default",
    },
    Candidate {
        name: OURS_ON_REDIS,
        kind: Kind::Ours("redis"),
        on_redis: true,
        note: "wxsession-server --store redis",
    },
];
