//! The client's address behind proxies.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderValue};
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies that the server trusts to name the client.
///
/// A proxy names the client in `X-Forwarded-For`, and must extend or replace that header. The server does not read
/// `Forwarded`: a proxy that writes one of the headers passes the client's own version of the other on.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The client's address: the peer's, or the one that trusted proxies name.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        let named = self.trusts(peer).then(|| self.named(headers));
        named.flatten().unwrap_or(peer)
    }

    /// The client that a proxy names. The header is read from its end, which the nearest proxy wrote, up to the first
    /// address that is not a proxy's. The client may have invented everything before that address.
    pub(super) fn named(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let values = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let hops = values.flat_map(|value| hops(value).rev());
        let mut client = None;
        for hop in hops.map_while(|hop| hop) {
            client = Some(hop.to_canonical());
            if !self.trusts(hop) {
                break;
            }
        }
        client
    }

    /// Whether this is the address of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// Whether these headers say that the request was forwarded.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key("forwarded")
}

/// The addresses in a value; `None` for parts that are no address, such as `unknown`.
fn hops(value: &HeaderValue) -> impl DoubleEndedIterator<Item = Option<IpAddr>> {
    let text = value.to_str().unwrap_or("unreadable");
    text.split(',').map(|hop| address(hop.trim()))
}

/// Some proxies add the port and put IPv6 addresses in brackets; some add brackets without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()))
        .ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::TrustedProxies;

    fn client(peer: &str, forwarded_for: &[&str]) -> String {
        let networks = ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"];
        let proxies: TrustedProxies = networks
            .map(|text| text.parse().unwrap())
            .into_iter()
            .collect();
        let mut headers = HeaderMap::new();
        for value in forwarded_for {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append("x-forwarded-for", value);
        }
        headers.insert("forwarded", HeaderValue::from_static("for=203.0.113.99"));
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_proxies_are_believed_and_only_as_far_as_they_can_know() {
        for (peer, forwarded_for, expected) in [
            // No proxy, or none that is trusted.
            ("203.0.113.5", &[][..], "203.0.113.5"),
            ("203.0.113.5", &["198.51.100.1"], "203.0.113.5"),
            ("10.0.0.1", &[], "10.0.0.1"),
            // One proxy, and several.
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            (
                "10.0.0.1",
                &["198.51.100.1, 192.0.2.7,10.9.9.9"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["198.51.100.1", "192.0.2.7"], "198.51.100.1"),
            // Invented addresses stand to the left of the client's own.
            ("10.0.0.1", &["198.51.100.66, 198.51.100.1"], "198.51.100.1"),
            (
                "10.0.0.1",
                &["10.0.0.2, 198.51.100.1, 10.0.0.3"],
                "198.51.100.1",
            ),
            (
                "10.0.0.1",
                &["198.51.100.66", "198.51.100.1"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["nonsense, 198.51.100.1"], "198.51.100.1"),
            // A request of the proxy itself.
            ("10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
            // The nearest trusted proxy answers for a part that is no address.
            ("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.1, "], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, \u{e9}"], "10.0.0.1"),
            // The formats of addresses.
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("fd00::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
        ] {
            let found = client(peer, forwarded_for);
            assert_eq!(found, expected, "{peer} {forwarded_for:?}");
        }
    }
}
