//! Which URLs carry the session, and which answers refuse it.

use wxsession_protocol::ProblemCode;

use crate::error::ErrorCode;

/// The origins that the session may go to. A bearer secret must never reach a third party.
///
/// ```
/// use wxsession::policy::Origins;
///
/// let mut origins = Origins::default();
/// assert!(origins.trust("https://api.example.com/wx/onlogin"));
/// assert!(origins.include("https://API.example.com:443/wx/products/list"));
/// assert!(!origins.include("https://api.example.com@evil.example/"));
/// ```
#[derive(Default)]
pub struct Origins(Vec<Origin<Vec<u8>>>);

/// Scheme, host and port of a URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Origin<Host> {
    is_secure: bool,
    host: Host,
    port: u16,
}

impl Origins {
    /// Adds the origin of `url`. Returns `false` if `url` has none.
    pub fn trust(&mut self, url: &str) -> bool {
        let Some(Origin {
            is_secure,
            host,
            port,
        }) = origin(url)
        else {
            return false;
        };
        self.0.push(Origin {
            is_secure,
            host: host.to_ascii_lowercase(),
            port,
        });
        true
    }

    /// Whether a call to `url` carries the session.
    pub fn include(&self, url: &str) -> bool {
        origin(url).is_some_and(
            |Origin {
                 is_secure,
                 host,
                 port,
             }| {
                self.0.iter().any(|known| {
                    known.is_secure == is_secure
                        && known.port == port
                        && known.host.eq_ignore_ascii_case(host)
                })
            },
        )
    }
}

/// The origin of an absolute URL, or `None` if two parsers could disagree about it. `wss` counts as `https` and `ws` as
/// `http`, because the session reaches the same server either way. The script has the same rule, in js/src/origin.ts;
/// tests/tables/origins.json has cases that both are held to.
fn origin(url: &str) -> Option<Origin<&[u8]>> {
    let url = url.as_bytes();
    let colon = url.iter().position(|byte| *byte == b':')?;
    let (scheme, rest) = url.split_at_checked(colon)?;
    let is = |name: &[u8]| scheme.eq_ignore_ascii_case(name);
    let is_secure = is(b"https") || is(b"wss");
    if !is_secure && !is(b"http") && !is(b"ws") {
        return None;
    }
    let mut authority = rest.strip_prefix(b"://")?;
    let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
    if let Some(end) = authority.iter().position(ends) {
        authority = authority.get(..end)?;
    }
    let (host, port) = match authority.iter().rposition(|byte| *byte == b':') {
        // A colon inside an IPv6 address precedes no port.
        Some(colon) if !authority.ends_with(b"]") => {
            (authority.get(..colon)?, authority.get(colon + 1..)?)
        }
        _ => (authority, [].as_slice()),
    };
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'.';
    let address = host.strip_prefix(b"[").map(|rest| rest.strip_suffix(b"]"));
    let (name, mark) = match address {
        Some(address) => (address?, b':'),
        None => (host, b'-'),
    };
    if name.is_empty() || !name.iter().all(|byte| is_word(byte) || *byte == mark) {
        return None;
    }
    let default = if is_secure { 443 } else { 80 };
    Some(Origin {
        is_secure,
        host,
        port: port_number(port, default)?,
    })
}

fn port_number(digits: &[u8], default: u16) -> Option<u16> {
    if digits.is_empty() {
        return Some(default);
    }
    digits.iter().try_fold(0_u16, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// The failure that a problem of this name means, if the client treats it specially.
pub fn problem(name: &str) -> Option<ErrorCode> {
    // What the app's `readSession` calls it.
    if name == ErrorCode::ServerUnavailable.name() {
        return Some(ErrorCode::ServerUnavailable);
    }
    ProblemCode::parse(name).and_then(meaning)
}

/// The failure that a problem means, if the client treats it specially.
pub fn meaning(problem: ProblemCode) -> Option<ErrorCode> {
    use ProblemCode::*;
    Some(match problem {
        SessionReplaced => ErrorCode::SessionReplaced,
        SessionRevoked => ErrorCode::SessionRevoked,
        CodeInvalid => ErrorCode::CodeInvalid,
        SignInNeeded => ErrorCode::SignInNeeded,
        UserBlocked => ErrorCode::UserBlocked,
        Misconfigured => ErrorCode::Misconfigured,
        CredentialsWrong | ChallengeWrong | ChallengeOver => ErrorCode::ExchangeRejected,
        WechatBadAnswer | WechatUnavailable | WechatTimeout | StoreUnavailable | ServerBusy => {
            ErrorCode::ServerUnavailable
        }
        _ => return None,
    })
}

/// What a refusal says about the session that its call carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The session has expired; a new one may be obtained silently.
    Renew,
    /// Somebody ended the session. Only the user may sign in again, or two devices would evict each other for ever.
    Ended(ErrorCode),
}

/// The only status that refuses the session.
pub const REFUSAL_STATUS: u16 = 401;

impl Refusal {
    /// The meaning of a refusal that names this problem. Without a problem, or with one of the app's own, the session counts
    /// as expired.
    pub fn naming(problem: Option<ErrorCode>) -> Self {
        match problem {
            Some(code @ (ErrorCode::SessionReplaced | ErrorCode::SessionRevoked)) => {
                Self::Ended(code)
            }
            _ => Self::Renew,
        }
    }
}

/// The refusal in an answer with this status and problem, if it is one. A problem with credentials that the call brought, as
/// one that links an account does, leaves the session as good as before.
///
/// ```
/// use wxsession::policy::{Refusal, problem, refusal};
///
/// assert_eq!(refusal(401, problem("session_expired")), Some(Refusal::Renew));
/// assert_eq!(refusal(401, problem("credentials_wrong")), None);
/// assert_eq!(refusal(503, problem("store_unavailable")), None);
/// ```
pub fn refusal(status: u16, problem: Option<ErrorCode>) -> Option<Refusal> {
    let is_refused = status == REFUSAL_STATUS && problem != Some(ErrorCode::ExchangeRejected);
    is_refused.then(|| Refusal::naming(problem))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::{Origins, Refusal, meaning, problem, refusal};
    use crate::error::ErrorCode;
    use wxsession_protocol::ProblemCode;

    #[derive(serde::Deserialize)]
    struct Row {
        trusted: String,
        url: String,
        carries: bool,
    }

    #[test]
    fn an_origin_that_two_parsers_may_read_differently_cannot_be_trusted() {
        for authority in [
            "me@a.example",
            "a\\.example",
            "a%2e.example",
            "a\t.example",
            "а.example",
        ] {
            let url = format!("https://{authority}/");
            assert!(!Origins::default().trust(&url), "{url}");
        }
    }

    /// The script has this rule too, and its tests read the same table.
    #[test]
    fn every_url_in_the_table_carries_the_session_or_goes_bare() {
        let table = include_str!("../tests/tables/origins.json");
        let rows: Vec<Row> = serde_json::from_str(table).expect("a table of origins");
        for Row {
            trusted,
            url,
            carries,
        } in rows
        {
            assert_eq!(
                trusting(&trusted).include(&url),
                carries,
                "{trusted}, {url:?}"
            );
        }
    }

    #[test]
    fn the_scheme_decides_even_if_host_and_port_are_the_same() {
        let origins = trusting("https://api.example.com");
        assert!(!origins.include("http://api.example.com:443/"));
        assert!(!trusting("http://api.example.com").include("https://api.example.com:80/"));
    }

    #[test]
    fn a_backslash_in_the_authority_goes_bare_even_without_a_user() {
        let origins = trusting("https://api.example.com");
        for url in [
            "https://api.example.com\\",
            "https://api.example.com\\/",
            "https://api.example.com\\.evil.example/",
        ] {
            assert!(!origins.include(url), "{url}");
            assert!(!Origins::default().trust(url), "{url} has no origin");
        }
    }

    fn trusting(url: &str) -> Origins {
        let mut origins = Origins::default();
        assert!(origins.trust(url), "{url}");
        origins
    }

    #[test]
    fn scheme_host_and_port_decide() {
        let origins = trusting("https://api.example.com/wx/onlogin");
        for url in [
            "https://api.example.com",
            "https://api.example.com/a?b#c",
            "HTTPS://API.Example.COM/",
            "https://api.example.com:443/",
            "https://api.example.com:/",
            "https://api.example.com?x=https://evil.example",
            "wss://api.example.com/socket",
        ] {
            assert!(origins.include(url), "{url}");
        }
        for url in [
            "http://api.example.com/",
            "ws://api.example.com/",
            "https://api.example.com:444/",
            "https://api.example.com.evil.example/",
            "https://evil.example/?https://api.example.com",
            "https://sub.api.example.com/",
            "https://example.com/",
            "/wx/products/list",
            "//api.example.com/",
            "",
        ] {
            assert!(!origins.include(url), "{url}");
        }
    }

    #[test]
    fn a_url_that_two_parsers_could_read_differently_goes_bare() {
        let origins = trusting("https://api.example.com");
        for url in [
            "https://api.example.com@evil.example/",
            "https://user:pass@api.example.com/",
            "https://api.example.com\\@evil.example/",
            "https://api.example.com\t/",
            "https://api.example.com\n.evil.example/",
            " https://api.example.com/",
            "https:///api.example.com/",
            "https:/api.example.com/",
            "https:\\\\api.example.com/",
            "https://аpi.example.com/",
            "https://api%2eexample.com/",
            "https://api.example.com:+443/",
            "https://api.example.com:65979/",
            "https://api.example.com:443:443/",
            "javascript://api.example.com/",
        ] {
            assert!(!origins.include(url), "{url}");
        }
    }

    #[test]
    fn ports_and_addresses_are_read_to_the_end() {
        let origins = trusting("http://127.0.0.1:8080/wx/onlogin");
        assert!(origins.include("http://127.0.0.1:8080/x"));
        assert!(!origins.include("http://127.0.0.1/x"));
        let origins = trusting("http://[::1]:8080/wx/onlogin");
        assert!(origins.include("http://[::1]:8080/x"));
        assert!(!origins.include("http://[::1]/x"));
        assert!(trusting("https://[::1]/").include("https://[::1]:443/"));
    }

    #[test]
    fn nothing_is_trusted_before_it_is_named() {
        assert!(!Origins::default().include("https://api.example.com/"));
        assert!(!Origins::default().trust("api.example.com"));
    }

    #[test]
    fn a_problem_is_told_apart_by_its_name_on_the_wire() {
        let told_apart = ProblemCode::ALL.into_iter().filter(|code| {
            let found = problem(code.as_str());
            assert_eq!(found, meaning(*code), "{code:?}");
            found.is_some()
        });
        assert_eq!(told_apart.count(), 14);
        assert_eq!(problem(""), None);
    }

    #[test]
    fn only_a_401_is_a_refusal() {
        for status in [200, 204, 400, 403, 404, 500, 503] {
            assert_eq!(
                refusal(status, meaning(ProblemCode::SessionExpired)),
                None,
                "{status}"
            );
        }
        assert_eq!(refusal(401, None), Some(Refusal::Renew));
        assert_eq!(
            refusal(401, meaning(ProblemCode::SessionMissing)),
            Some(Refusal::Renew)
        );
        assert_eq!(
            refusal(401, meaning(ProblemCode::SessionExpired)),
            Some(Refusal::Renew)
        );
        assert_eq!(
            refusal(401, meaning(ProblemCode::SessionReplaced)),
            Some(Refusal::Ended(ErrorCode::SessionReplaced))
        );
        assert_eq!(
            refusal(401, meaning(ProblemCode::SessionRevoked)),
            Some(Refusal::Ended(ErrorCode::SessionRevoked))
        );
        for name in ["credentials_wrong", "challenge_wrong", "challenge_over"] {
            assert_eq!(refusal(401, problem(name)), None);
        }
    }
}
