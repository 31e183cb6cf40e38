//! The measured libraries. `bench/libraries/` holds the set-up of each.

/// Another library, or ours.
pub(super) struct Library {
    /// The name in the npm registry, and of the file in `bench/libraries/`.
    pub(super) name: &'static str,
    /// Whether a session survives a restart, by default or as its documentation shows.
    pub(super) keeps_session: bool,
    /// What a reader of the figures needs to know.
    pub(super) note: &'static str,
}

/// Ours.
pub(super) const OURS: &str = "wxsession";

/// Ours with promises instead of callbacks. Only the cost of a request differs.
pub(super) const AWAITED: &str = "wxsession-awaited";

/// Ours with the core as plain script.
pub(super) const PLAIN: &str = "wxsession-plain";

/// Ours with signed requests.
pub(super) const SIGNED: &str = "wxsession-signed";

/// All measured libraries, ours first.
pub(super) const ALL: [Library; 6] = [
    Library {
        name: OURS,
        keeps_session: true,
        note: "called with callbacks; \"-awaited\" is the same called with promises, \"-plain\" with the core as plain script, \"-signed\" with every request signed",
    },
    Library {
        name: "wafer-client-sdk",
        keeps_session: true,
        note: "with login: true, as in its README; wx.checkSession and getUserInfo answer at once",
    },
    Library {
        name: "wafer2-client-sdk",
        keeps_session: true,
        note: "with login: true while it has no session, as that signs in before every request",
    },
    Library {
        name: "alova",
        keeps_session: true,
        note: "createServerTokenAuthentication, uniapp adapter, no cache; Vue is not counted",
    },
    Library {
        name: "luch-request",
        keeps_session: true,
        note: "knows no sessions: documented interceptors, shared sign-in, queue while it renews",
    },
    Library {
        name: "flyio",
        keeps_session: false,
        note: "knows no sessions: its README's interceptors that lock, the token in a variable",
    },
];
