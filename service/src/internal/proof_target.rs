//! Which request a question to `/verify` is about.

use std::borrow::Cow;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use clap::ValueEnum;

const VERIFY: &str = "/verify";

/// Where a question tells the method and the target of the request that it is about. It is the operator who knows: if the
/// server guessed, somebody could repeat a captured request with the headers of another proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProofTarget {
    /// X-Original-Method and X-Original-URI, as the documented nginx file
    XOriginal,
    /// X-Forwarded-Method and X-Forwarded-Uri, as Traefik and Caddy
    XForwarded,
    /// Its own method, and its path below /verify, as Envoy
    Path,
}

/// A request that somebody asks about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    pub(super) method: Cow<'a, str>,
    /// Path and query, as the phone sent them. Bytes that are no text are none that it could have signed.
    pub(super) target: Cow<'a, str>,
}

impl ProofTarget {
    /// The request that a question is about, if it says so as it should: once.
    pub(super) fn of(self, question: &Parts) -> Option<Asked<'_>> {
        let (method, target) = match self {
            Self::XOriginal => ("x-original-method", "x-original-uri"),
            Self::XForwarded => ("x-forwarded-method", "x-forwarded-uri"),
            Self::Path => return below_verify(question),
        };
        let one = |name| one(&question.headers, HeaderName::from_static(name));
        Some(Asked {
            method: one(method)?,
            target: one(target)?,
        })
    }

    /// What a question has to tell, for an operator.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::XOriginal => "X-Original-Method and X-Original-URI, each once",
            Self::XForwarded => "X-Forwarded-Method and X-Forwarded-Uri, each once",
            Self::Path => "the path of the request below /verify",
        }
    }
}

/// The value of a header. If it comes twice, neither counts: one of them could be the client's.
fn one(headers: &HeaderMap, name: HeaderName) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(String::from_utf8_lossy(value.as_bytes())),
        _ => None,
    }
}

fn below_verify(question: &Parts) -> Option<Asked<'_>> {
    let asked = question.uri.path_and_query()?;
    let target = asked.as_str().strip_prefix(VERIFY)?;
    Some(Asked {
        method: question.method.as_str().into(),
        target: target.into(),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::http::request::Parts;

    use super::{Asked, ProofTarget};

    const BOTH: [(&str, &str); 4] = [
        ("X-Original-Method", "POST"),
        ("X-Original-URI", "/orders//a%2Fb/../%E8?"),
        ("X-Forwarded-Method", "DELETE"),
        ("X-Forwarded-Uri", "/other?a=b"),
    ];

    fn question(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let question = Request::builder().method("PUT").uri(uri);
        let question = headers.iter().fold(question, |question, (name, value)| {
            question.header(*name, *value)
        });
        question.body(()).unwrap().into_parts().0
    }

    fn asked<'a>(method: &'a str, target: &'a str) -> Option<Asked<'a>> {
        Some(Asked {
            method: method.into(),
            target: target.into(),
        })
    }

    #[test]
    fn the_named_pair_counts_alone_and_byte_for_byte() {
        let question = question("/verify/third?c=d", &BOTH);
        for (target, expected) in [
            (
                ProofTarget::XOriginal,
                asked("POST", "/orders//a%2Fb/../%E8?"),
            ),
            (ProofTarget::XForwarded, asked("DELETE", "/other?a=b")),
            (ProofTarget::Path, asked("PUT", "/third?c=d")),
        ] {
            assert_eq!(target.of(&question), expected, "{target:?}");
        }
    }

    #[test]
    fn a_header_that_is_missing_or_comes_twice_tells_nothing() {
        for target in [ProofTarget::XOriginal, ProofTarget::XForwarded] {
            assert_eq!(target.of(&question("/verify/third", &[])), None);
            for (place, header) in BOTH.into_iter().enumerate() {
                let mut fewer = BOTH.to_vec();
                fewer.remove(place);
                let mut more = BOTH.to_vec();
                more.push(header);
                let is_its_own = (place < 2) == (target == ProofTarget::XOriginal);
                for headers in [fewer, more] {
                    let question = question("/verify", &headers);
                    assert_eq!(target.of(&question).is_none(), is_its_own, "{headers:?}");
                }
            }
        }
    }

    #[test]
    fn the_path_is_what_follows_the_prefix() {
        for (uri, target) in [
            ("/verify", ""),
            ("/verify/", "/"),
            ("/verify?a=b", "?a=b"),
            ("/verify/?", "/?"),
            ("/verify//a/%2e%2e/b?c=%20", "//a/%2e%2e/b?c=%20"),
            ("/verify/verify", "/verify"),
        ] {
            let question = question(uri, &[]);
            assert_eq!(
                ProofTarget::Path.of(&question),
                asked("PUT", target),
                "{uri}"
            );
        }
    }
}
