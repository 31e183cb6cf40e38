//! One session: its id, its deadline, and the form in which storage keeps it.

use serde::{Serialize, Serializer};

/// The version of [`Stored`]. Anything else in storage is ignored.
pub const STORED_VERSION: u32 = 1;

/// Bytes. Servers take headers of 8 kB or so, all of them together.
const LONGEST_ID: usize = 4096;

/// A session id and how long it may be used. The id is a secret, so `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Session {
    id: String,
    /// When it arrived, in milliseconds of this device's clock.
    received: u64,
    /// Milliseconds from then to the absolute deadline; without it the session is used until refused.
    lifetime: Option<u64>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Session")
            .field("received", &self.received)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// What storage keeps of a session.
#[derive(Clone, PartialEq)]
pub struct Stored {
    /// [`STORED_VERSION`].
    pub version: u32,
    /// Who issued it: a program that changes its server must not send it there.
    pub login_url: String,
    /// The session id.
    pub id: String,
    /// Milliseconds since 1970; a whole number in JavaScript's only kind.
    pub received: f64,
    /// Milliseconds; zero where the server named none.
    pub lifetime: f64,
}

/// As a list in the order of its fields: for names the client would carry a second serializer.
impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            version,
            login_url,
            id,
            received,
            lifetime,
        } = self;
        (version, login_url, id, received, lifetime).serialize(serializer)
    }
}

impl Session {
    /// A session that the server has just issued; `expires_in` is in seconds, and anything but a positive
    /// number means "until refused". An id that no header can carry, or longer than 4,096 bytes, is none.
    pub fn issued(id: String, expires_in: f64, now: u64) -> Option<Self> {
        Self::new(id, now, expires_in * 1000.0)
    }

    /// The session that storage kept, if it is of this version and from this login URL.
    pub fn restored(stored: Stored, login_url: &str) -> Option<Self> {
        if stored.version != STORED_VERSION || stored.login_url != login_url {
            return None;
        }
        Self::new(stored.id, stored.received as u64, stored.lifetime)
    }

    fn new(id: String, received: u64, lifetime: f64) -> Option<Self> {
        // A blank inside is for `Bearer …`; at the ends a header loses it.
        let is_visible = |byte: u8| (b' '..0x7f).contains(&byte);
        let ends = [id.bytes().next()?, id.bytes().next_back()?];
        if id.len() > LONGEST_ID || ends.contains(&b' ') || !id.bytes().all(is_visible) {
            return None;
        }
        let lifetime = (lifetime > 0.0).then_some(lifetime as u64);
        Some(Self {
            id,
            received,
            lifetime,
        })
    }

    /// The form for storage.
    pub fn to_stored(&self, login_url: &str) -> Stored {
        Stored {
            version: STORED_VERSION,
            login_url: login_url.to_owned(),
            id: self.id.clone(),
            received: self.received as f64,
            lifetime: self.lifetime.unwrap_or(0) as f64,
        }
    }

    /// The id, for the header and nowhere else.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it may be used now. A clock that stands before the arrival has jumped: then more time would
    /// remain than was given, and nobody knows how much really does.
    pub fn is_live(&self, now: u64) -> bool {
        match self.lifetime {
            Some(lifetime) => now
                .checked_sub(self.received)
                .is_some_and(|age| age < lifetime),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{STORED_VERSION, Session, Stored};

    const LOGIN: &str = "https://api.example.com/wx/onlogin";

    fn issued(expires_in: f64) -> Session {
        Session::issued("abc".into(), expires_in, 10_000).expect("a usable id")
    }

    #[test]
    fn expires_in_is_seconds_to_the_deadline() {
        let session = issued(60.0);
        assert!(session.is_live(10_000));
        assert!(session.is_live(69_999));
        assert!(!session.is_live(70_000));
    }

    #[test]
    fn a_missing_or_senseless_expires_in_means_until_refused() {
        for expires_in in [0.0, -5.0, f64::NAN, f64::NEG_INFINITY] {
            assert!(issued(expires_in).is_live(u64::MAX), "{expires_in}");
        }
    }

    #[test]
    fn a_clock_before_the_arrival_has_jumped() {
        assert!(!issued(60.0).is_live(9_999));
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
            assert_eq!(Session::issued(id.into(), 60.0, 0), None, "{id:?}");
        }
        assert!(Session::issued("Bearer a".into(), 60.0, 0).is_some());
    }

    #[test]
    fn the_id_is_not_in_debug() {
        let session = Session::issued("visible-secret".into(), 60.0, 0).expect("a usable id");
        assert!(!format!("{session:?}").contains("visible-secret"));
    }
}
