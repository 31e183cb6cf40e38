//! The settings of what lies between the network and the routes.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use ipnet::IpNet;

use super::whole::whole;
use crate::edge::{SignInLimit, TrustedProxies};
use crate::serve::open_files::make_room;
use crate::serve::{Certificate, CertificateError, Limits};

/// The heading of these settings in the help.
pub(super) const HEADING: &str = "Phones, and proxies in front";
const LIMITS: &str = "Limits";

#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct EdgeOptions {
    /// Proxies whose X-Forwarded-For is trusted.
    ///
    /// Addresses or networks such as 10.0.0.0/8, separated by commas.
    #[arg(
        long,
        env = "WXSESSION_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ',',
        value_parser = network
    )]
    trusted_proxy: Vec<IpNet>,
    /// Serve HTTPS with the certificates in this PEM file.
    ///
    /// The server's own certificate comes first, then those above it. Without this the server speaks HTTP, for a proxy
    /// in front.
    #[arg(long, env = "WXSESSION_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, a PEM file.
    ///
    /// Both files are read again every minute.
    #[arg(long, env = "WXSESSION_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Connections open at once, at each listener
    #[arg(
        long,
        env = "WXSESSION_MAX_CONNECTIONS",
        value_name = "NUMBER",
        default_value_t = 10_000,
        value_parser = |value: &str| whole(value, "connections", 1..=u32::MAX),
        help_heading = LIMITS
    )]
    max_connections: u32,
    /// Sign-ins a second for one client; 0 for no limit.
    ///
    /// A client is an IPv4 address or an IPv6 /64.
    #[arg(
        long,
        env = "WXSESSION_SIGN_IN_RATE",
        value_name = "NUMBER",
        default_value_t = 50,
        value_parser = |value: &str| whole(value, "sign-ins", 0..=u32::MAX),
        help_heading = LIMITS
    )]
    sign_in_rate: u32,
    /// Sign-ins that one client may make at once after a pause
    #[arg(
        long,
        env = "WXSESSION_SIGN_IN_BURST",
        value_name = "NUMBER",
        default_value = "500",
        value_parser = |value: &str| whole(value, "sign-ins", NonZeroU32::MIN..=NonZeroU32::MAX),
        help_heading = LIMITS
    )]
    sign_in_burst: NonZeroU32,
}

impl EdgeOptions {
    /// The limits of each of these listeners, beside so many connections to others.
    pub(super) fn limits(&self, listeners: u32, others: u32) -> Limits {
        Limits {
            connections: make_room(self.max_connections, listeners, others),
            ..Limits::default()
        }
    }

    pub(super) fn proxies(&self) -> TrustedProxies {
        self.trusted_proxy.iter().copied().collect()
    }

    pub(super) fn has_certificate(&self) -> bool {
        self.tls_cert.is_some()
    }

    pub(super) fn sign_in_limit(&self) -> Option<SignInLimit> {
        let rate = NonZeroU32::new(self.sign_in_rate)?;
        if let Some(everybody) = self.trusted_proxy.iter().find(|net| net.prefix_len() == 0) {
            tracing::warn!(
                "--trusted-proxy: {everybody} is every address there is, so any client can pass for another; name the proxies"
            );
        }
        Some(SignInLimit::new(rate, self.sign_in_burst, self.proxies()))
    }

    pub(super) fn certificate(&self) -> anyhow::Result<Option<Certificate>> {
        let (chain, key) = match (&self.tls_cert, &self.tls_key) {
            (None, None) => return Ok(None),
            (Some(chain), Some(key)) => (chain, key),
            _ => bail!("--tls-cert and --tls-key belong together; give both or neither"),
        };
        let certificate = Certificate::open(chain, key).map_err(|error| {
            let flag = match error {
                CertificateError::Chain(..) => "--tls-cert",
                CertificateError::Key(..)
                | CertificateError::Exposed(_)
                | CertificateError::Pair { .. } => "--tls-key",
            };
            anyhow::Error::new(error).context(flag)
        })?;
        Ok(Some(certificate))
    }
}

fn network(value: &str) -> Result<IpNet, &'static str> {
    let one = || value.parse::<IpAddr>().map(IpNet::from);
    value
        .parse()
        .or_else(|_| one())
        .map_err(|_| "give an address or a network, as in 192.0.2.7 or 10.0.0.0/8")
}
