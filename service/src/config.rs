//! The program's settings. A wrong setting stops the start, with a message that names it.

mod accounts;
mod apps;
mod built_in;
mod command;
mod edge;
mod file;
mod internal;
mod lifetimes;
mod running;
mod secret;
mod store;
#[cfg(test)]
mod tests;
mod wechat_api;

use std::env;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Command, CommandFactory, FromArgMatches, Parser};
use reqwest::Url;
use tracing::level_filters::LevelFilter;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::Store;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{Api, WECHAT_API, WeChat, tls_client};

use self::accounts::AccountOptions;
use self::apps::AppOptions;
use self::built_in::BuiltInOptions;
use self::command::Errand;
use self::edge::EdgeOptions;
use self::internal::InternalOptions;
pub use self::internal::{InternalListener, InternalSocket};
use self::lifetimes::LifetimeOptions;
use self::running::RunningOptions;
use self::store::StoreOptions;
use self::wechat_api::WeChatApi;
use crate::accounts::Authority;
use crate::edge::SignInLimit;
use crate::serve::{Certificate, Limits};

/// Signs users of WeChat mini programs in and keeps their sessions.
///
/// A mini program's secret comes from the environment variable WXSESSION_SECRET or from a file, never
/// from a flag: flags are shown to every user of the machine.
#[derive(Debug, Parser)]
#[command(
    name = "wxsession-server",
    version,
    args_conflicts_with_subcommands = true
)]
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
        help_heading = edge::HEADING
    )]
    pub listen: SocketAddr,
    #[command(flatten)]
    edge: EdgeOptions,
    #[command(flatten)]
    internal: InternalOptions,
    #[command(flatten)]
    accounts: AccountOptions,
    #[command(flatten)]
    built_in: BuiltInOptions,
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    lifetimes: LifetimeOptions,
    #[command(flatten)]
    running: RunningOptions,
    #[command(subcommand)]
    errand: Option<Errand>,
}

impl Options {
    /// Reads flags, environment and settings file. If flags or environment are wrong, the program ends here with a
    /// message.
    ///
    /// # Errors
    /// The settings file cannot be used.
    pub fn read() -> anyhow::Result<Self> {
        Self::read_from(env::args_os().collect(), env::var_os(file::VARIABLE))
            .map(|options| options.unwrap_or_else(|error| error.exit()))
    }

    fn read_from(
        arguments: Vec<OsString>,
        file: Option<OsString>,
    ) -> anyhow::Result<Result<Self, clap::Error>> {
        let mut command = Self::described(&arguments);
        if let Some(path) = file::named(&arguments, file) {
            command = file::apply(command, &path)?;
        }
        let matches = command.try_get_matches_from(arguments);
        Ok(matches.and_then(|matches| Self::from_arg_matches(&matches)))
    }

    /// Runs the errand that was asked for instead of serving, if one was.
    pub async fn run_errand(&self) -> Option<anyhow::Result<()>> {
        let errand = self.errand.as_ref()?;
        Some(errand.run(Self::described(&[])).await)
    }

    /// The command with everything that its help shows.
    fn described(arguments: &[OsString]) -> Command {
        command::described(Self::command(), arguments)
    }

    /// Opens the internal listener, if one is configured.
    ///
    /// # Errors
    /// Its address cannot be listened on, or needs a token.
    pub async fn internal(&self) -> anyhow::Result<Option<InternalListener>> {
        self.internal.listen().await
    }

    /// How long sessions live.
    pub fn lifetimes(&self) -> Lifetimes {
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
        self.edge.limits(1 + u32::from(self.internal.is_wanted()))
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
        match (authority, self.built_in.settings(self.store.kind())?) {
            (authority, None) => Ok(authority),
            (Authority::WeChat, Some(settings)) => Ok(Authority::BuiltIn(Box::new(settings))),
            (Authority::Hook(_) | Authority::BuiltIn(_), Some(_)) => bail!(
                "--accounts and --accounts-hook are both given, and one of them must say who a user is; give one"
            ),
        }
    }

    /// Opens the store and its key ring. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// The store or the ring cannot be used.
    pub fn open_store(&self) -> anyhow::Result<(Arc<dyn Store>, KeyRing)> {
        self.store.open()
    }
}
