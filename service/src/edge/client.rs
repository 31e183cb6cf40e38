//! Who a request comes from, where proxies stand between.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderValue};
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies that are believed when they tell whose request they pass on.
///
/// They tell it in `X-Forwarded-For`, and must add to it or set it themselves. `Forwarded` is not read: a proxy
/// that writes the one header lets the other through as the client sent it.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The client's address: the peer's, or what trusted proxies say of it. The header is read from its
    /// end, where the proxy that is nearest to us wrote, and no further than the first address that is not
    /// a proxy's: what stands before that one the client may have made up.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let values = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let mut hops = values.flat_map(|value| hops(value).rev());
        let mut client = peer.to_canonical();
        while self.trusts(client) {
            let Some(Some(hop)) = hops.next() else { break };
            client = hop.to_canonical();
        }
        client
    }

    /// Whether this is a proxy's address.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// Whether somebody says in these headers that they pass on another's request.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key("forwarded")
}

/// The addresses in a value; nothing for what is none, such as `unknown`.
fn hops(value: &HeaderValue) -> impl DoubleEndedIterator<Item = Option<IpAddr>> {
    let text = value.to_str().unwrap_or("unreadable");
    text.split(',').map(|hop| address(hop.trim()))
}

/// Some proxies add the port, and then put IPv6 addresses in brackets; some do so without a port.
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
            // Nobody stands between, or nobody who is trusted.
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
            // What the client made up stands to the left of its own address.
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
            // A proxy's own request.
            ("10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
            // What is no address is the doing of whoever passed it on.
            ("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.1, "], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, \u{e9}"], "10.0.0.1"),
            // The forms in which addresses are written.
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
