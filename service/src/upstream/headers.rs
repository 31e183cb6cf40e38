//! Which headers pass, in both directions.
//!
//! | of the client's | the backend gets |
//! |---|---|
//! | what the server says of the user, in any spelling | the server's own, or nothing |
//! | the session id | nothing, unless the operator wants it |
//! | what concerns one connection alone, and what `Connection` names | nothing |
//! | who forwarded the request, for whom and to where | what the edge knows; of a trusted proxy also its word on scheme and host |
//! | everything else | the same |

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    SEC_WEBSOCKET_KEY, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use wxsession_protocol::SESSION_HEADER;
use wxsession_protocol::proof::CONTENT_DIGEST_HEADER;

use crate::edge::TrustedProxies;
use crate::identity_headers::is_reserved;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// What the backend is told besides the client's own headers.
#[derive(Clone, Debug)]
pub(super) struct Forwarding {
    pub(super) proxies: TrustedProxies,
    /// Whether clients speak TLS to this server.
    pub(super) by_tls: bool,
    /// Whether the backend gets the session id.
    pub(super) passes_session: bool,
}

impl Forwarding {
    /// The headers for the backend. `host` is what the client calls this server, and `identity` whose request it is. The
    /// server's own headers come last, so that nothing of the client's removes or replaces one.
    pub(super) fn onward(
        &self,
        request: &Parts,
        host: HeaderValue,
        identity: HeaderMap,
    ) -> HeaderMap {
        let named = named_by_connection(&request.headers);
        let passes = |name: &HeaderName| {
            // The digest is signed, and says more than `Connection` does.
            let is_of_connection = is_of_one_connection(name) || names(&named, name);
            let is_of_connection = is_of_connection && name.as_str() != CONTENT_DIGEST_HEADER;
            let is_session = name.as_str() == SESSION_HEADER && !self.passes_session;
            !is_of_connection
                && !is_reserved(name)
                && !is_session
                && !says_whence(name)
                && ![HOST, CONTENT_LENGTH, EXPECT].contains(name)
        };
        let mut onward = HeaderMap::with_capacity(request.headers.len() + identity.len() + 4);
        for (name, value) in &request.headers {
            if passes(name) {
                onward.append(name.clone(), value.clone());
            }
        }
        onward.insert(HOST, host);
        self.forward(request, &mut onward);
        onward.extend(identity);
        onward
    }

    fn forward(&self, request: &Parts, onward: &mut HeaderMap) {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.ip());
        let is_trusted = peer.is_some_and(|peer| self.proxies.trusts(peer));
        let client = peer.map(|peer| self.proxies.client(peer, &request.headers));
        let client = client.and_then(|client| HeaderValue::try_from(client.to_string()).ok());
        if let Some(client) = client {
            onward.insert(FORWARDED_FOR, client);
        }
        let told = |name: HeaderName| {
            let told = is_trusted.then(|| single(&request.headers, &name));
            told.flatten().cloned()
        };
        let scheme = HeaderValue::from_static(if self.by_tls { "https" } else { "http" });
        onward.insert(FORWARDED_PROTO, told(FORWARDED_PROTO).unwrap_or(scheme));
        if let Some(host) = told(FORWARDED_HOST) {
            onward.insert(FORWARDED_HOST, host);
        }
    }
}

/// The headers for the client, of what the backend has answered.
pub(super) fn homeward(answer: &mut HeaderMap) {
    let named = named_by_connection(answer);
    let dropped: Vec<_> = answer
        .keys()
        .filter(|name| is_of_one_connection(name) || names(&named, name))
        .cloned()
        .collect();
    for name in dropped {
        answer.remove(name);
    }
}

/// Whether the client asks for a socket. Other protocols are not switched to: what follows would pass unjudged, as with `h2c`.
pub(super) fn asks_for_socket(request: &Parts) -> bool {
    let headers = &request.headers;
    request.method == Method::GET && headers.contains_key(SEC_WEBSOCKET_KEY) && is_socket(headers)
}

/// Whether these headers switch to a socket.
pub(super) fn is_socket(headers: &HeaderMap) -> bool {
    let to = single(headers, &UPGRADE);
    let is_websocket =
        to.is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(WEBSOCKET.as_bytes()));
    is_websocket && names(&named_by_connection(headers), &UPGRADE)
}

/// Makes these headers switch to a socket.
pub(super) fn switch(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, WEBSOCKET);
}

/// The value of a header that comes once.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// Whether a header is about one connection, whatever `Connection` says.
fn is_of_one_connection(name: &HeaderName) -> bool {
    [
        CONNECTION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
    ]
    .contains(name)
        || ["keep-alive", "proxy-connection", "http2-settings"].contains(&name.as_str())
}

/// Whether a header says who forwarded a request, for whom, or to which path. A backend may believe each of them.
fn says_whence(name: &HeaderName) -> bool {
    let families = ["x-forwarded-", "x-original-", "x-rewrite-"];
    let spelt = name.as_str().replace(['_', '.'], "-");
    families.iter().any(|family| spelt.starts_with(family))
        || [FORWARDED.as_str(), "x-real-ip"].contains(&spelt.as_str())
}

fn named_by_connection(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONNECTION).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let names = texts.flat_map(|text| text.split(','));
    names.map(|name| name.trim().to_ascii_lowercase()).collect()
}

fn names(named: &[String], name: &HeaderName) -> bool {
    named.iter().any(|named| named == name.as_str())
}
