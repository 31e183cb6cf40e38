//! One session: its id, its deadline and its stored form.

use crate::error::ErrorCode;
use crate::milliseconds::Milliseconds;

/// The version of a stored session. Unknown versions are ignored.
pub const STORED_VERSION: u32 = 1;

/// The version of a stored ending, which earlier releases do not know: they start as if storage were empty.
pub const ENDING_VERSION: u32 = 2;

/// Bytes. Servers accept about 8 kB for all headers together.
const LONGEST_ID: usize = 4096;

/// A session id and how long it may be used. The id is a secret, so `Debug` omits it; the rules only copy and compare it,
/// so a number for it will do as well.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Session<Secret = String> {
    id: Secret,
    /// When the session arrived, in milliseconds by the device's clock.
    received: Milliseconds,
    /// Milliseconds from then to the absolute deadline; zero if there is none, so that the session is used until it is refused.
    lifetime: Milliseconds,
}

impl<Secret> std::fmt::Debug for Session<Secret> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Session")
            .field("received", &self.received)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// What outlasts a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kept<Secret = String> {
    /// The session.
    Session(Session<Secret>),
    /// The session ended for this reason, one of [`ENDINGS`], so only a login signs in again.
    Ended(ErrorCode),
}

/// Every reason for which only a login signs in again.
pub const ENDINGS: [ErrorCode; 3] = [
    ErrorCode::SignedOut,
    ErrorCode::SessionReplaced,
    ErrorCode::SessionRevoked,
];

/// The stored form of a session, or of its ending.
#[derive(Clone, Default, PartialEq)]
pub struct Stored {
    /// [`STORED_VERSION`], or [`ENDING_VERSION`].
    pub version: u32,
    /// The URL that issued the session. A program that changes its server must not send the session there.
    pub login_url: String,
    /// The session id; empty for an ending.
    pub id: String,
    /// Milliseconds since 1970: a whole number, in JavaScript's only number type.
    pub received: f64,
    /// Milliseconds; zero if the server named no deadline.
    pub lifetime: f64,
    /// The number of the ending's code; zero for a session. Numbers of codes never change.
    pub ended: u32,
}

impl Kept {
    /// What was stored, if its version and login URL match.
    pub fn restored(stored: Stored, login_url: &str) -> Option<Self> {
        if stored.version == ENDING_VERSION && stored.login_url == login_url {
            let code = ENDINGS.iter().find(|code| **code as u32 == stored.ended)?;
            return Some(Self::Ended(*code));
        }
        Session::restored(stored, login_url).map(Self::Session)
    }

    /// The stored form.
    pub fn to_stored(&self, login_url: &str) -> Stored {
        match self {
            Self::Session(session) => session.to_stored(login_url),
            Self::Ended(code) => Stored {
                version: ENDING_VERSION,
                login_url: login_url.to_owned(),
                ended: *code as u32,
                ..Stored::default()
            },
        }
    }
}

impl Session {
    /// A session that the server has just issued. `expires_in` is in seconds; anything but a positive number means "until
    /// refused". Returns `None` if no header can carry the id, or if it is longer than 4,096 bytes.
    ///
    /// ```
    /// use wxsession::milliseconds::Milliseconds;
    /// use wxsession::session::Session;
    ///
    /// let issued_at = Milliseconds::new(1_000_000);
    /// let session = Session::issued("an id".into(), 60.0, issued_at).expect("a header can carry it");
    /// assert!(session.is_live(issued_at + 59_999));
    /// assert!(!session.is_live(issued_at + 60_000));
    /// ```
    pub fn issued(id: String, expires_in: f64, now: Milliseconds) -> Option<Self> {
        Self::checked(id, now, expires_in * 1000.0)
    }

    /// The session that was stored, if its version and login URL match.
    pub fn restored(stored: Stored, login_url: &str) -> Option<Self> {
        if stored.version != STORED_VERSION || stored.login_url != login_url {
            return None;
        }
        Self::checked(
            stored.id,
            Milliseconds::of(stored.received),
            stored.lifetime,
        )
    }

    fn checked(id: String, received: Milliseconds, lifetime: f64) -> Option<Self> {
        // `Bearer …` has a space inside. Headers lose spaces at either end.
        let is_visible = |byte: u8| (b' '..0x7f).contains(&byte);
        let ends = [id.bytes().next()?, id.bytes().next_back()?];
        if id.len() > LONGEST_ID || ends.contains(&b' ') || !id.bytes().all(is_visible) {
            return None;
        }
        // A deadline less than a millisecond away is still a deadline.
        Some(Self::new(id, received, Milliseconds::of(lifetime.ceil())))
    }

    /// The stored form.
    pub fn to_stored(&self, login_url: &str) -> Stored {
        Stored {
            version: STORED_VERSION,
            login_url: login_url.to_owned(),
            id: self.id.clone(),
            received: self.received.number(),
            lifetime: self.lifetime.number(),
            ended: 0,
        }
    }
}

impl<Secret> Session<Secret> {
    /// A session with a usable id. Both times are in milliseconds; without a `lifetime`, which is then zero, the session is
    /// used until it is refused.
    pub fn new(id: Secret, received: Milliseconds, lifetime: Milliseconds) -> Self {
        Self {
            id,
            received,
            lifetime,
        }
    }

    /// The id, for the header and nowhere else.
    pub fn id(&self) -> &Secret {
        &self.id
    }

    /// Whether the session may be used now. If the clock shows a time before the session's arrival, the clock has jumped and
    /// nobody knows how much time is left, so the session is not live.
    pub fn is_live(&self, now: Milliseconds) -> bool {
        let is_within = |age| age < self.lifetime;
        self.lifetime.is_zero() || now.since(self.received).is_some_and(is_within)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::{ENDINGS, Kept, STORED_VERSION, Session, Stored};
    use crate::milliseconds::Milliseconds;

    const LOGIN: &str = "https://api.example.com/wx/onlogin";
    const NOW: i64 = 1_700_000_000_000;

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Row {
        what: String,
        version: Option<u32>,
        login_url: Option<String>,
        id: Option<String>,
        age: i64,
        lifetime: Option<f64>,
        goes: bool,
    }

    /// The script has this rule too, for the time before the core is loaded, and its tests read the same table.
    #[test]
    fn every_kept_session_in_the_table_is_used_or_not() {
        let table = include_str!("../tests/tables/kept.json");
        let rows: Vec<Row> = serde_json::from_str(table).expect("a table of kept sessions");
        for row in rows {
            let stored = Stored {
                version: row.version.unwrap_or(0),
                login_url: row.login_url.unwrap_or_default().replace("own", LOGIN),
                id: row.id.unwrap_or_default(),
                received: (NOW - row.age) as f64,
                lifetime: row.lifetime.unwrap_or(f64::NAN),
                ended: 0,
            };
            let session = Session::restored(stored, LOGIN);
            let goes = session.is_some_and(|session| session.is_live(Milliseconds::of(NOW as f64)));
            assert_eq!(goes, row.goes, "{}", row.what);
        }
    }

    fn issued(expires_in: f64) -> Session {
        Session::issued("abc".into(), expires_in, Milliseconds::new(10_000)).expect("a usable id")
    }

    #[test]
    fn expires_in_is_seconds_to_the_deadline() {
        let session = issued(60.0);
        assert!(session.is_live(Milliseconds::new(10_000)));
        assert!(session.is_live(Milliseconds::new(69_999)));
        assert!(!session.is_live(Milliseconds::new(70_000)));
    }

    #[test]
    fn a_missing_or_senseless_expires_in_means_until_refused() {
        for expires_in in [0.0, -5.0, f64::NAN, f64::NEG_INFINITY] {
            assert!(
                issued(expires_in).is_live(Milliseconds::of(f64::MAX)),
                "{expires_in}"
            );
        }
    }

    #[test]
    fn a_clock_before_the_arrival_has_jumped() {
        assert!(!issued(60.0).is_live(Milliseconds::new(9_999)));
    }

    #[test]
    fn storage_gives_back_what_it_was_given() {
        for expires_in in [60.0, 0.0] {
            let session = issued(expires_in);
            assert_eq!(
                Session::restored(session.to_stored(LOGIN), LOGIN),
                Some(session)
            );
        }
    }

    #[test]
    fn another_version_or_another_login_url_is_ignored() {
        let stored = issued(60.0).to_stored(LOGIN);
        assert_eq!(
            Session::restored(stored.clone(), "https://other.example/wx/onlogin"),
            None
        );
        let newer = Stored {
            version: STORED_VERSION + 1,
            ..stored
        };
        assert_eq!(Session::restored(newer, LOGIN), None);
    }

    #[test]
    fn an_id_that_no_header_can_carry_is_none() {
        let too_long = "a".repeat(4097);
        for id in ["", " a", "a ", "a\r\nx: y", "ключ", "a\u{7f}", &too_long] {
            assert_eq!(
                Session::issued(id.into(), 60.0, Milliseconds::ZERO),
                None,
                "{id:?}"
            );
        }
        assert!(Session::issued("Bearer a".into(), 60.0, Milliseconds::ZERO).is_some());
    }

    #[test]
    fn the_id_is_not_in_debug() {
        let session = Session::issued("visible-secret".into(), 60.0, Milliseconds::ZERO)
            .expect("a usable id");
        assert!(!format!("{session:?}").contains("visible-secret"));
    }

    #[test]
    fn an_ending_is_kept_for_its_login_url() {
        for code in ENDINGS {
            let stored = Kept::Ended(code).to_stored(LOGIN);
            assert_eq!(stored.id, "", "no session is kept");
            assert_eq!(
                Kept::restored(stored.clone(), LOGIN),
                Some(Kept::Ended(code))
            );
            assert_eq!(
                Kept::restored(stored.clone(), "https://other.example"),
                None
            );
            let unknown = Stored {
                ended: 14,
                ..stored.clone()
            };
            assert_eq!(Kept::restored(unknown, LOGIN), None);
            let newer = Stored {
                version: 3,
                ..stored
            };
            assert_eq!(Kept::restored(newer, LOGIN), None);
        }
    }

    #[test]
    fn a_session_is_stored_as_earlier_releases_have_it() {
        let session = issued(60.0);
        let stored = Kept::Session(session.clone()).to_stored(LOGIN);
        assert_eq!(stored.version, 1);
        assert_eq!(Kept::restored(stored, LOGIN), Some(Kept::Session(session)));
    }
}
