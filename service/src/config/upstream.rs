//! The settings of the app's backend behind this server.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};

use super::whole::whole;
use crate::edge::TrustedProxies;
use crate::upstream::{PublicPath, PublicPaths, UpstreamAddress, UpstreamSettings};

const LONGEST_TIMEOUT: u64 = 60 * 60;
/// Phones that keep a socket for longer than this send something now and then: networks in between forget it.
const SOCKET_SILENCE: Duration = Duration::from_secs(5 * 60);

#[derive(Args, Debug)]
#[command(next_help_heading = "Your backend behind this server")]
pub(super) struct UpstreamOptions {
    /// Where to carry all other requests.
    ///
    /// As http://127.0.0.1:3000. The server judges the session of each, and tells the backend in headers whose request
    /// it is. Without this it answers its own routes alone.
    // A text until it is used, because clap's error for a wrong value would repeat the value.
    #[arg(long, env = "WXSESSION_UPSTREAM", value_name = "URL")]
    upstream: Option<String>,
    /// Paths that need no session, with all below them.
    ///
    /// As /public; several are separated by commas.
    #[arg(
        long,
        env = "WXSESSION_UPSTREAM_PUBLIC",
        value_name = "PATH",
        value_delimiter = ','
    )]
    upstream_public: Vec<PublicPath>,
    /// Whether the backend gets the header sessionid
    #[arg(
        long,
        env = "WXSESSION_UPSTREAM_SESSIONID",
        value_name = "KIND",
        value_enum,
        default_value = "withheld",
        hide_short_help = true
    )]
    upstream_sessionid: SessionId,
    /// Seconds that the backend may be silent.
    ///
    /// Before it begins to answer, and between two pieces of an answer.
    #[arg(
        long,
        env = "WXSESSION_UPSTREAM_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = |value: &str| whole(value, "seconds", 1..=LONGEST_TIMEOUT),
        hide_short_help = true
    )]
    upstream_timeout: u64,
    /// Requests and sockets that the backend has at once.
    ///
    /// Others are answered 503.
    #[arg(
        long,
        env = "WXSESSION_UPSTREAM_MAX_REQUESTS",
        value_name = "NUMBER",
        default_value_t = 1000,
        value_parser = |value: &str| whole(value, "requests", 1..=1_000_000_u32),
        hide_short_help = true
    )]
    upstream_max_requests: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SessionId {
    /// No: the backend knows the user, and cannot act as the phone
    Withheld,
    /// Yes, for a backend that asks /decrypt, /signature or /phone-number
    Passed,
}

impl UpstreamOptions {
    pub(super) fn is_wanted(&self) -> bool {
        self.upstream.is_some()
    }

    /// How many connections there may be to the backend.
    pub(super) fn connections(&self) -> u32 {
        match self.upstream {
            Some(_) => self.upstream_max_requests,
            None => 0,
        }
    }

    /// Where the backend is, if there is one.
    ///
    /// # Errors
    /// The address cannot be used.
    pub(super) fn address(&self) -> anyhow::Result<Option<UpstreamAddress>> {
        let address = self.upstream.as_deref().map(str::parse).transpose();
        let address = address.context("--upstream (WXSESSION_UPSTREAM)")?;
        ensure!(
            address.is_some() || self.upstream_public.is_empty(),
            "--upstream-public is given, and no backend whose paths it names; give its address with --upstream \
             (WXSESSION_UPSTREAM)"
        );
        Ok(address)
    }

    /// Where requests are carried, if they are.
    ///
    /// # Errors
    /// The address cannot be used, or one of these listeners is there.
    pub(super) async fn settings(
        &self,
        listeners: &[(&'static str, SocketAddr)],
        proxies: TrustedProxies,
        by_tls: bool,
    ) -> anyhow::Result<Option<UpstreamSettings>> {
        let Some(address) = self.address()? else {
            return Ok(None);
        };
        for (flag, listener) in listeners {
            ensure!(
                !address.is_at(*listener).await,
                "--upstream: {address} is this server itself, by {flag}; give the address of your backend"
            );
        }
        Ok(Some(UpstreamSettings {
            address,
            public: PublicPaths::from_iter(self.upstream_public.iter().cloned()),
            passes_session: self.upstream_sessionid == SessionId::Passed,
            patience: Duration::from_secs(self.upstream_timeout),
            socket_patience: SOCKET_SILENCE,
            most: self.upstream_max_requests as usize,
            proxies,
            by_tls,
        }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::UpstreamOptions;
    use crate::edge::TrustedProxies;

    #[derive(Parser)]
    struct Words {
        #[command(flatten)]
        options: UpstreamOptions,
    }

    async fn refusal(url: &str) -> Option<String> {
        let Words { options } = Words::parse_from(["server", "--upstream", url]);
        let listeners = [
            ("--listen", "127.0.0.1:8080".parse().unwrap()),
            ("--internal", "127.0.0.1:8081".parse().unwrap()),
        ];
        let settings = options.settings(&listeners, TrustedProxies::default(), false);
        settings.await.err().map(|error| format!("{error:#}"))
    }

    #[tokio::test]
    async fn a_server_does_not_carry_requests_to_itself() {
        assert_eq!(refusal("http://127.0.0.1:3000").await, None);
        for (url, flag) in [
            ("http://127.0.0.1:8080", "--listen"),
            ("http://localhost:8081", "--internal"),
        ] {
            let told = refusal(url).await.unwrap();
            assert!(told.contains("--upstream") && told.contains(flag), "{told}");
        }
    }
}
