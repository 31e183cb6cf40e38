//! Limits how often a client signs in.

use std::hash::RandomState;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method};
use lru::LruCache;
use metrics::{Counter, counter};
use wxsession_accounts::routes::EXCHANGING;
use wxsession_protocol::{ProblemCode, SIGN_IN_PATH};
use wxsession_server::{HttpProblem, random};

use super::client::{TrustedProxies, is_forwarded};
use crate::measures::LIMITED;

/// How many clients the limit remembers; a hundred thousand take 8 MB. A further client replaces the one that was not seen
/// for the longest time, whose limit then starts anew.
const CLIENTS: usize = 100_000;
/// The longest `Retry-After`, in seconds.
const LONGEST_PAUSE: u32 = 60;

/// A rate of sign-ins for each client, with a burst after a pause.
///
/// A client is an IPv4 address or a 64-bit IPv6 network, the size that one household or phone gets. Carriers put thousands of
/// users behind one address, so the limit should be generous. It keeps one address from using up the mini program's quota at
/// WeChat, and does not protect against many addresses.
#[derive(Clone, Debug)]
pub struct SignInLimit(Arc<Limit>);

#[derive(Debug)]
struct Limit {
    /// The time between two sign-ins at the rate.
    interval: Duration,
    /// How far a client may be ahead of the rate.
    lead: Duration,
    proxies: TrustedProxies,
    /// When each client will have caught up with the rate.
    clients: Mutex<LruCache<Option<IpAddr>, Instant, RandomState>>,
    proxy_noticed: AtomicBool,
    turned_away: Counter,
}

impl SignInLimit {
    /// Allows `rate` sign-ins a second and `burst` at once. Without trusted proxies, the client is the peer.
    pub fn new(rate: NonZeroU32, burst: NonZeroU32, proxies: TrustedProxies) -> Self {
        let interval = Duration::from_secs(1) / rate.get();
        let clients = CLIENTS.try_into().expect("it is not zero");
        Self(Arc::new(Limit {
            interval,
            lead: interval * (burst.get() - 1),
            proxies,
            clients: Mutex::new(LruCache::with_hasher(clients, RandomState::new())),
            proxy_noticed: AtomicBool::new(false),
            turned_away: counter!(LIMITED),
        }))
    }

    /// Lets a request through, or refuses it with a 429. The body has not been read yet.
    pub(crate) fn check(&self, request: &Request) -> Result<(), HttpProblem> {
        match exchanges_code(request) {
            true => self.count(request.extensions(), request.headers()),
            false => Ok(()),
        }
    }

    /// Counts a sign-in of this request's client.
    ///
    /// # Errors
    /// The client signs in too often.
    pub(crate) fn admit_client(&self, request: &Parts) -> Result<(), HttpProblem> {
        self.count(&request.extensions, &request.headers)
    }

    /// The same where a proxy asks on behalf of a client, which it has to name.
    ///
    /// # Errors
    /// The client signs in too often.
    pub(crate) fn admit_client_of_proxy(&self, headers: &HeaderMap) -> Result<(), HttpProblem> {
        let client = self.0.proxies.named(headers);
        if client.is_none() && !self.0.proxy_noticed.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a proxy that asks at /verify names no client; have it send X-Forwarded-For, or all its clients \
                 together may sign in no more often than one"
            );
        }
        self.admit_or_refuse(client.map(network))
    }

    fn count(&self, extensions: &Extensions, headers: &HeaderMap) -> Result<(), HttpProblem> {
        self.admit_or_refuse(self.client(extensions, headers))
    }

    fn admit_or_refuse(&self, client: Option<IpAddr>) -> Result<(), HttpProblem> {
        if self.admit(client, Instant::now()) {
            return Ok(());
        }
        self.0.turned_away.increment(1);
        tracing::debug!("a client signs in too often");
        Err(HttpProblem::new(ProblemCode::RateLimited).retry_after(self.pause()))
    }

    /// The client's address, or `None` if unknown. All unknown clients count as one.
    fn client(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
        let (peer, proxies) = (peer.ip(), &self.0.proxies);
        if is_forwarded(headers)
            && !proxies.trusts(peer)
            && !self.0.proxy_noticed.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                %peer,
                "a request was forwarded by a peer that is not trusted to name its client; if this is a proxy of \
                 yours, name it with --trusted-proxy (WXSESSION_TRUSTED_PROXIES), or all its clients together \
                 may sign in no more often than one"
            );
        }
        Some(network(proxies.client(peer, headers)))
    }

    fn admit(&self, client: Option<IpAddr>, now: Instant) -> bool {
        let limit = &*self.0;
        let mut clients = limit.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let caught_up = clients.get_or_insert_mut(client, || now);
        let from = now.max(*caught_up);
        let admitted = from - now <= limit.lead;
        if admitted {
            *caught_up = from + limit.interval;
        }
        admitted
    }

    /// A random `Retry-After` within the time that restores the whole burst, because many phones may share the address.
    fn pause(&self) -> u32 {
        let burst = u32::try_from(self.0.lead.as_secs()).unwrap_or(LONGEST_PAUSE);
        random::between(1, burst.saturating_add(2).min(LONGEST_PAUSE))
    }
}

/// Whether the request would exchange a code.
fn exchanges_code(request: &Request) -> bool {
    let path = request.uri().path();
    match *request.method() {
        Method::POST => path == SIGN_IN_PATH || EXCHANGING.contains(&path),
        Method::GET => path == SIGN_IN_PATH,
        _ => false,
    }
}

/// The part of an address that identifies a client. The owner of one IPv6 address has 2⁶⁴ of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let upper_half = u128::from(u64::MAX) << 64;
            Ipv6Addr::from_bits(address.to_bits() & upper_half).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::{Duration, Instant};

    use super::{CLIENTS, SignInLimit, TrustedProxies, network};

    fn limit(rate: u32, burst: u32) -> SignInLimit {
        SignInLimit::new(
            rate.try_into().unwrap(),
            burst.try_into().unwrap(),
            TrustedProxies::default(),
        )
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_client_has_its_burst_and_then_its_rate() {
        let (limit, start) = (limit(50, 500), Instant::now());
        let ann = address("198.51.100.1");
        let admitted = |seconds| {
            let now = start + Duration::from_secs(seconds);
            (0..1000).filter(|_| limit.admit(ann, now)).count()
        };
        assert_eq!(admitted(0), 500);
        assert_eq!(admitted(1), 50);
        assert_eq!(admitted(3), 100);
        assert_eq!(admitted(1000), 500);
        assert!(limit.admit(address("198.51.100.2"), start));
        assert!((1..=11).contains(&limit.pause()));
    }

    #[test]
    fn a_refused_attempt_costs_nothing() {
        let (limit, start) = (limit(1, 1), Instant::now());
        let attempt = |millis| limit.admit(None, start + Duration::from_millis(millis));
        let admitted: Vec<u64> = (0..=3000).step_by(100).filter(|at| attempt(*at)).collect();
        assert_eq!(admitted, [0, 1000, 2000, 3000]);
    }

    #[test]
    fn a_client_is_one_address_or_a_whole_network_of_64_bits() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(
            of("2001:db8:1:2::1"),
            of("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("198.51.100.1"), of("198.51.100.2"));
    }

    #[test]
    fn the_table_is_bounded_and_forgets_whoever_was_not_seen_for_longest() {
        let (limit, now) = (limit(1, 1), Instant::now());
        let (busy, quiet) = (address("198.51.100.1"), address("198.51.100.2"));
        assert!(limit.admit(quiet, now) && limit.admit(busy, now));
        for number in 0..u32::try_from(CLIENTS).unwrap() {
            let other = Ipv4Addr::from_bits(0x0a00_0000 + number);
            limit.admit(Some(other.into()), now);
            assert!(!limit.admit(busy, now));
        }
        assert_eq!(limit.0.clients.lock().unwrap().len(), CLIENTS);
        assert!(limit.admit(quiet, now));
    }
}
