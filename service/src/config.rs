//! The program's settings. A wrong setting stops the start, with a message that names it.

mod accounts;
mod address;
mod apps;
mod built_in;
mod command;
mod compat;
mod credentials;
mod edge;
mod file;
mod internal;
mod lifetimes;
mod origin;
mod proof;
mod running;
mod secret;
mod similar;
mod store;
#[cfg(test)]
mod tests;
mod upstream;
mod variables;
mod wechat_api;
mod whole;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use reqwest::Url;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use wxsession_server::ProofPolicy;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::Store;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{Api, WECHAT_API, WeChat, tls_client};
use wxsession_stores::RedisStore;

use self::accounts::AccountOptions;
use self::address::{address, listener_on};
use self::apps::AppOptions;
use self::built_in::BuiltInOptions;
pub(crate) use self::command::{CommandLine, Task};
use self::compat::CompatOptions;
use self::edge::EdgeOptions;
use self::internal::InternalOptions;
pub use self::internal::{InternalListener, InternalSocket};
use self::lifetimes::LifetimeOptions;
use self::proof::ProofOptions;
use self::running::RunningOptions;
use self::store::StoreOptions;
use self::upstream::UpstreamOptions;
use self::wechat_api::WeChatApi;
use crate::accounts::Authority;
use crate::compat::Compatibility;
use crate::edge::SignInLimit;
use crate::internal::ProofTarget;
use crate::opening::Opening;
use crate::serve::{Certificate, Limits};
use crate::upstream::{UpstreamAddress, UpstreamSettings};

/// The settings of a server.
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    apps: AppOptions,
    /// Where WeChat's API is
    #[arg(
        long,
        env = "WXSESSION_WECHAT_API",
        value_name = "URL",
        default_value = WECHAT_API,
        value_parser = WeChatApi,
        help_heading = apps::HEADING
    )]
    wechat_api: Url,
    /// Where to listen.
    ///
    /// Port 0 means any free port.
    #[arg(
        long,
        env = "WXSESSION_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080",
        value_parser = address,
        help_heading = edge::HEADING
    )]
    pub listen: SocketAddr,
    #[command(flatten)]
    edge: EdgeOptions,
    #[command(flatten)]
    upstream: UpstreamOptions,
    #[command(flatten)]
    internal: InternalOptions,
    #[command(flatten)]
    proof: ProofOptions,
    #[command(flatten)]
    accounts: AccountOptions,
    #[command(flatten)]
    built_in: BuiltInOptions,
    #[command(flatten)]
    compat: CompatOptions,
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    lifetimes: LifetimeOptions,
    #[command(flatten)]
    running: RunningOptions,
}

impl Options {
    /// Opens the listener for clients.
    ///
    /// # Errors
    /// Its address cannot be listened on.
    pub(crate) async fn public(&self) -> anyhow::Result<TcpListener> {
        listener_on("--listen", self.listen).await
    }

    /// Opens the internal listener, if one is configured.
    ///
    /// # Errors
    /// Its address cannot be listened on, or needs a token.
    pub async fn internal(&self) -> anyhow::Result<Option<InternalListener>> {
        self.internal.listen().await
    }

    /// How long sessions live.
    ///
    /// # Errors
    /// The times contradict each other.
    pub fn lifetimes(&self) -> anyhow::Result<Lifetimes> {
        self.lifetimes.lifetimes()
    }

    /// How long to continue after being asked to stop.
    pub fn stop_delay(&self) -> Duration {
        self.running.stop_delay()
    }

    /// The least severe level that is logged.
    pub fn log(&self) -> LevelFilter {
        self.running.log()
    }

    /// What a listener grants its clients. Raises the limit for open files accordingly, as far as possible.
    pub fn limits(&self) -> Limits {
        let listeners = 1 + u32::from(self.internal.is_wanted());
        self.edge.limits(listeners, self.upstream.connections())
    }

    /// The certificate to present to clients, or `None` without TLS.
    ///
    /// # Errors
    /// The files cannot be used.
    pub fn certificate(&self) -> anyhow::Result<Option<Certificate>> {
        self.edge.certificate()
    }

    /// How often a client may sign in, or `None` without a limit.
    pub fn sign_in_limit(&self) -> Option<SignInLimit> {
        self.edge.sign_in_limit()
    }

    /// Which old clients to serve, if any.
    ///
    /// # Errors
    /// Nothing could verify their sessions, or two of them have one login URL.
    pub fn compatibility(&self) -> anyhow::Result<Option<Compatibility>> {
        let is_verified = self.internal.is_wanted() || self.upstream.is_wanted();
        self.compat.compatibility(is_verified)
    }

    /// Where the app's backend is, if requests are carried to it.
    ///
    /// # Errors
    /// The address cannot be used.
    pub fn upstream_address(&self) -> anyhow::Result<Option<UpstreamAddress>> {
        self.upstream.address()
    }

    /// Warns if the accounts hook is behind the same address as the backend, and open to everybody there.
    ///
    /// # Errors
    /// One of the addresses, or the hook's token, cannot be used.
    pub(crate) fn warn_of_open_hook(&self) -> anyhow::Result<()> {
        match self.upstream.address()? {
            Some(backend) => self.accounts.warn_if_carried_to(&backend),
            None => Ok(()),
        }
    }

    /// Where requests are carried, and how, if they are. Looks the backend's name up.
    ///
    /// # Errors
    /// The address cannot be used, or is this server's own.
    pub async fn upstream(&self) -> anyhow::Result<Option<UpstreamSettings>> {
        let internal = self.internal.address();
        let internal = internal.map(|address| ("--internal", address));
        let listeners: Vec<_> = [("--listen", self.listen)]
            .into_iter()
            .chain(internal)
            .collect();
        let by_tls = self.edge.has_certificate();
        self.upstream
            .settings(&listeners, self.edge.proxies(), by_tls)
            .await
    }

    /// Which programs sign their requests.
    ///
    /// # Errors
    /// Clients that cannot would have to.
    pub fn proof_policy(&self) -> anyhow::Result<ProofPolicy> {
        self.proof.policy(self.compat.is_wanted())
    }

    /// Where `/verify` is told which request was signed, if it is told.
    ///
    /// # Errors
    /// It is not, and programs sign; or there is no such listener.
    pub fn proof_target(&self) -> anyhow::Result<Option<ProofTarget>> {
        self.proof.target(self.internal.is_wanted())
    }

    /// The client of WeChat's API.
    ///
    /// # Errors
    /// The mini programs' secrets are missing or wrong.
    pub fn wechat(&self) -> anyhow::Result<WeChat> {
        let apps = self.apps.apps()?;
        let here = matches!(
            self.wechat_api.host_str(),
            Some("127.0.0.1" | "[::1]" | "localhost")
        );
        if self.wechat_api.scheme() == "http" && !here {
            tracing::warn!("--wechat-api is not https: secrets cross the network unencrypted");
        }
        let api = Api::new(&self.wechat_api, tls_client())
            .context("the client of WeChat's API cannot be set up")?;
        Ok(WeChat::new(apps, api))
    }

    /// Who says who a user is.
    ///
    /// # Errors
    /// A setting of the accounts or of their hook cannot be used.
    pub fn authority(&self) -> anyhow::Result<Authority> {
        let authority = self.accounts.authority()?;
        match (authority, self.built_in.settings(&self.store)?) {
            (authority, None) => Ok(authority),
            (Authority::WeChat, Some(settings)) => Ok(Authority::BuiltIn(Box::new(settings))),
            (Authority::Hook(_) | Authority::BuiltIn(_), Some(_)) => bail!(
                "--accounts and --accounts-hook are both given, and one of them must say who a user is; give one"
            ),
        }
    }

    /// Where the sessions are kept, for people.
    pub fn store_in_words(&self) -> String {
        self.store.in_words()
    }

    /// The key ring that is there already, if any.
    ///
    /// # Errors
    /// It cannot be used, or is missing and the start does not make it.
    pub(crate) fn ring(&self) -> anyhow::Result<Option<KeyRing>> {
        self.store.ring()
    }

    /// Whether the start will make a store that is not there yet.
    pub(crate) fn store_is_yet_to_be_made(&self) -> bool {
        self.store.is_yet_to_be_made()
    }

    /// The token that callers of the internal listener must present, if any.
    ///
    /// # Errors
    /// It cannot be used, is missing, or has no listener.
    pub(crate) fn internal_token(&self) -> anyhow::Result<Option<SecretString>> {
        self.internal.token()
    }

    /// Opens the store and its key ring. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// The store or the ring cannot be used.
    pub fn open_store(&self) -> anyhow::Result<(Arc<dyn Store>, KeyRing)> {
        self.store.open(&[], |_| {})
    }

    /// Redis, where the sessions are kept there. Must be called in a Tokio runtime.
    pub(crate) fn redis(&self) -> Option<anyhow::Result<RedisStore>> {
        self.store.redis()
    }

    /// Begins to open the store and its key ring. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// The system has no thread left.
    /// Calls come from these runtimes too.
    pub(crate) fn opening(&self, runtimes: Vec<Handle>) -> anyhow::Result<Opening> {
        let store = self.store.clone();
        Opening::start(move |reads| store.open(&runtimes, reads))
    }
}
