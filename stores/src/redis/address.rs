//! The address of Redis, as an operator writes it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use redis::RedisConnectionInfo;
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use url::Url;

const SERVER_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26_379;

/// Where Redis is and how to log in there, from a URL of one of these forms:
///
/// - `redis://[[user]:password@]host[:port][/database]`: one server;
/// - `redis-sentinel://[[user]:password@]host[:port],…/name[/database][?sentinel-user=…&sentinel-password=…]`: the
///   primary that the sentinels know by this name;
/// - `redis-cluster://[[user]:password@]host[:port],…`: a cluster, any of whose nodes are named.
///
/// With `rediss` in place of `redis`, all connections are encrypted with TLS.
#[derive(Clone)]
pub struct RedisAddress {
    pub(super) servers: Servers,
    pub(super) login: RedisConnectionInfo,
    pub(super) encrypted: bool,
    /// The authorities that the servers' certificates must come from.
    pub(super) authorities: Arc<RootCertStore>,
    /// What proves to the servers who their client is.
    pub(super) identity: Option<Arc<SingleCertAndKey>>,
}

#[derive(Clone, Debug)]
pub(super) enum Servers {
    One(Host),
    Sentinels(SentinelAddress),
    Cluster(Vec<Host>),
}

#[derive(Clone)]
pub(super) struct SentinelAddress {
    pub(super) hosts: Vec<Host>,
    /// What the sentinels call the primary.
    pub(super) name: String,
    pub(super) login: RedisConnectionInfo,
}

/// A server's name or address, and its port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: u16,
}

/// What is wrong with a URL. Does not repeat the URL, which may contain a password.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(&'static str);

impl RedisAddress {
    /// Trusts these authorities alone, given in PEM, instead of the public ones.
    ///
    /// # Errors
    /// There is no certificate in it, or the URL asks for no TLS.
    pub fn with_authorities(mut self, pem: &[u8]) -> Result<Self, AddressError> {
        self.ensure_encrypted()?;
        let mut authorities = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificate
                .ok()
                .and_then(|certificate| authorities.add(certificate).ok())
                .ok_or(AddressError("a certificate in it cannot be read"))?;
        }
        if authorities.is_empty() {
            return Err(AddressError("there is no certificate in PEM in it"));
        }
        self.authorities = Arc::new(authorities);
        Ok(self)
    }

    /// Presents this certificate, followed by those above it, to the servers, the sentinels and the nodes of a cluster
    /// (`tls-auth-clients` of Redis). Both are given in PEM.
    ///
    /// # Errors
    /// One of them cannot be read, they do not belong together, or the URL asks for no TLS.
    pub fn with_identity(mut self, chain: &[u8], key: &[u8]) -> Result<Self, AddressError> {
        self.ensure_encrypted()?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or(AddressError("there is no certificate in PEM in it"))?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| AddressError("there is no private key in PEM beside the certificate"))?;
        let identity = CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(|_| AddressError("the private key does not belong to the certificate"))?;
        self.identity = Some(Arc::new(identity.into()));
        Ok(self)
    }

    fn ensure_encrypted(&self) -> Result<(), AddressError> {
        match self.encrypted {
            true => Ok(()),
            false => Err(AddressError(
                "the URL asks for no TLS, so nothing would use it; begin the URL with rediss",
            )),
        }
    }
}

impl FromStr for RedisAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let forms =
            "begin it with redis://, redis-sentinel:// or redis-cluster://, or with rediss for TLS";
        let (scheme, rest) = text.split_once("://").ok_or(AddressError(forms))?;
        let (encrypted, kind) = match scheme.strip_prefix("rediss") {
            Some(kind) => (true, kind),
            None => (
                false,
                scheme.strip_prefix("redis").ok_or(AddressError(forms))?,
            ),
        };
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (parse_login(login)?, hosts),
            None => (RedisConnectionInfo::default(), authority),
        };
        let tail = Tail::parse(tail)?;
        let (servers, database) = match kind {
            "" => {
                let [host] = <[Host; 1]>::try_from(parse_hosts(hosts, SERVER_PORT)?)
                    .map_err(|_| AddressError("redis:// takes one host; for several there are redis-sentinel:// and redis-cluster://"))?;
                (Servers::One(host), tail.database(0)?)
            }
            "-sentinel" => {
                let name = tail.path.first().cloned().ok_or(AddressError(
                    "the name by which the sentinels know the primary is missing after the hosts, as in /mymaster",
                ))?;
                let mut login = RedisConnectionInfo::default();
                if let Some(password) = &tail.sentinel_password {
                    login = login.set_password(password);
                }
                if let Some(user) = &tail.sentinel_user {
                    login = login.set_username(user);
                }
                let hosts = parse_hosts(hosts, SENTINEL_PORT)?;
                let sentinels = SentinelAddress { hosts, name, login };
                (Servers::Sentinels(sentinels), tail.database(1)?)
            }
            "-cluster" if !tail.path.is_empty() => {
                return Err(AddressError(
                    "a cluster has no databases; end the URL after the hosts",
                ));
            }
            "-cluster" => (Servers::Cluster(parse_hosts(hosts, SERVER_PORT)?), 0),
            _ => return Err(AddressError(forms)),
        };
        let of_sentinels = tail.sentinel_user.is_some() || tail.sentinel_password.is_some();
        if of_sentinels && !matches!(servers, Servers::Sentinels(_)) {
            return Err(AddressError(
                "sentinel-user and sentinel-password are for redis-sentinel:// only",
            ));
        }
        Ok(Self {
            servers,
            login: login.set_db(database),
            encrypted,
            authorities: Arc::new(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()),
            identity: None,
        })
    }
}

/// The part of the URL after the hosts.
struct Tail {
    path: Vec<String>,
    sentinel_user: Option<String>,
    sentinel_password: Option<String>,
}

impl Tail {
    fn parse(text: &str) -> Result<Self, AddressError> {
        let unreadable = AddressError("what follows the hosts cannot be read");
        let Ok(url) = Url::parse(&format!("redis://host{text}")) else {
            return Err(unreadable);
        };
        let (mut sentinel_user, mut sentinel_password) = (None, None);
        for (key, value) in url.query_pairs() {
            match &*key {
                "sentinel-user" => sentinel_user = Some(value.into_owned()),
                "sentinel-password" => sentinel_password = Some(value.into_owned()),
                _ => {
                    return Err(AddressError(
                        "the only parameters that it may have are sentinel-user and sentinel-password",
                    ));
                }
            }
        }
        if sentinel_user.is_some() && sentinel_password.is_none() {
            return Err(AddressError(
                "there is a sentinel-user and no sentinel-password",
            ));
        }
        if url.fragment().is_some() {
            return Err(AddressError("it has a #; write %23 for one in a password"));
        }
        let segments = url.path_segments().into_iter().flatten();
        let segments = segments.filter(|segment| !segment.is_empty());
        Ok(Self {
            path: segments
                .map(|segment| decode(segment).map(Cow::into_owned))
                .collect::<Result<_, _>>()?,
            sentinel_user,
            sentinel_password,
        })
    }

    fn database(&self, place: usize) -> Result<i64, AddressError> {
        if self.path.len() > place + 1 {
            return Err(AddressError(
                "it has more than a database's number at its end",
            ));
        }
        let number = self
            .path
            .get(place)
            .map_or(Ok(0), |text| text.parse::<u16>());
        number
            .map(i64::from)
            .map_err(|_| AddressError("the database is not a number"))
    }
}

fn parse_login(text: &str) -> Result<RedisConnectionInfo, AddressError> {
    let (user, password) = text.split_once(':').ok_or(AddressError(
        "what is before the @ is not user:password or :password; write %40 for an @ in it",
    ))?;
    let mut login = RedisConnectionInfo::default().set_password(decode(password)?);
    if !user.is_empty() {
        login = login.set_username(decode(user)?);
    }
    Ok(login)
}

fn parse_hosts(text: &str, port: u16) -> Result<Vec<Host>, AddressError> {
    let host = |text: &str| {
        let url = Url::parse(&format!("redis://{text}")).ok()?;
        let name = url.host_str().filter(|name| !name.is_empty())?;
        // Only a URL puts an IPv6 address in brackets.
        let name = name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let port = url.port().unwrap_or(port);
        url.path().is_empty().then_some(Host { name, port })
    };
    text.split(',')
        .map(host)
        .collect::<Option<_>>()
        .ok_or(AddressError("a host is not name:port"))
}

fn decode(text: &str) -> Result<Cow<'_, str>, AddressError> {
    percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| AddressError("a part of it is not text"))
}

impl Host {
    /// Parses `name:port`, as servers write it. (There an IPv6 address has no brackets around its colons.)
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, port) = text.rsplit_once(':').filter(|(name, _)| !name.is_empty())?;
        Some(Self {
            name: name.to_owned(),
            port: port.parse().ok()?,
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.name, self.port)
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedisAddress")
            .field("servers", &self.servers)
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SentinelAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SentinelAddress")
            .field("hosts", &self.hosts)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
