//! The settings of accounts that this server keeps itself.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use metrics::counter;
use wxsession_accounts::Settings;
use wxsession_accounts::hashing::Hasher;
use wxsession_accounts::hook::Hook;
use wxsession_accounts::oidc::ThirdParty;
use wxsession_accounts::provider::ProviderSetting;
use wxsession_accounts::web::Web;
use wxsession_server::wechat::tls_client;

use super::secret::{Secret, in_file};
use super::store::{StoreKind, StoreOptions};
use super::whole::whole;
use crate::accounts::HookAddress;
use crate::measures::PASSWORD_HASHES;

const DELIVER_TOKEN: Secret = Secret {
    what: "the token of the hook that delivers codes",
    variable: "WXSESSION_DELIVER_HOOK_TOKEN",
    file_flag: "--deliver-hook-token-file",
};
const EVENTS_TOKEN: Secret = Secret {
    what: "the token of the hook that hears of events",
    variable: "WXSESSION_EVENTS_HOOK_TOKEN",
    file_flag: "--events-hook-token-file",
};

#[derive(Args, Debug)]
#[command(next_help_heading = "Accounts")]
pub(super) struct BuiltInOptions {
    /// Whether this server keeps accounts itself
    #[arg(
        long,
        env = "WXSESSION_ACCOUNTS",
        value_name = "KIND",
        value_enum,
        default_value = "none"
    )]
    accounts: Kind,
    /// The fewest characters of a new password
    #[arg(
        long,
        env = "WXSESSION_PASSWORD_MIN",
        value_name = "CHARACTERS",
        default_value_t = 8,
        value_parser = |value: &str| whole(value, "characters", 8..=64_u8)
    )]
    password_min: u8,
    /// A third party whose users may sign in.
    ///
    /// As NAME=ISSUER,CLIENT-ID or NAME=ISSUER,CLIENT-ID,SECRET-FILE; several are separated by spaces. The mini program sends
    /// NAME as `issuer`.
    #[arg(
        long,
        env = "WXSESSION_PROVIDERS",
        value_name = "PROVIDER",
        value_delimiter = ' '
    )]
    provider: Vec<ProviderSetting>,
    /// Where your own service sends codes from, by text message or mail.
    ///
    /// As --accounts-hook. Without it nobody signs in by a code.
    // A text until it is used, because clap's error for a wrong value would repeat the value.
    #[arg(long, env = "WXSESSION_DELIVER_HOOK", value_name = "URL")]
    deliver_hook: Option<String>,
    /// A file with the token of the hook that delivers codes.
    ///
    /// Instead of WXSESSION_DELIVER_HOOK_TOKEN in the environment. The server sends it as Authorization: Bearer.
    #[arg(
        long,
        env = "WXSESSION_DELIVER_HOOK_TOKEN_FILE",
        value_name = "FILE",
        hide_short_help = true
    )]
    deliver_hook_token_file: Option<PathBuf>,
    /// Codes sent in an hour at most
    #[arg(
        long,
        env = "WXSESSION_CODES_AN_HOUR",
        value_name = "NUMBER",
        default_value_t = 1000,
        value_parser = |value: &str| whole(value, "codes", 1..=u32::MAX)
    )]
    codes_an_hour: u32,
    /// Where your own service hears what happens to accounts.
    ///
    /// As --accounts-hook. It hears of registrations, links, new passwords and deletions.
    #[arg(long, env = "WXSESSION_EVENTS_HOOK", value_name = "URL")]
    events_hook: Option<String>,
    /// A file with the token of the hook that hears of events.
    ///
    /// Instead of WXSESSION_EVENTS_HOOK_TOKEN in the environment. The server sends it as Authorization: Bearer.
    #[arg(
        long,
        env = "WXSESSION_EVENTS_HOOK_TOKEN_FILE",
        value_name = "FILE",
        hide_short_help = true
    )]
    events_hook_token_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Kind {
    /// No: users are WeChat users, or those of --accounts-hook
    None,
    /// Yes, beside the sessions in --store redb or redis
    BuiltIn,
    /// Yes, even in --store memory, which loses them when the server stops
    TryingOut,
}

impl BuiltInOptions {
    /// What the accounts are made with, if this server keeps them.
    ///
    /// # Errors
    /// They cannot be kept in this store, or another setting is wrong.
    pub(super) fn settings(&self, store: &StoreOptions) -> anyhow::Result<Option<Settings>> {
        match self.accounts {
            Kind::None => {
                self.refuse_what_is_in_vain()?;
                return Ok(None);
            }
            Kind::BuiltIn if store.kind() == StoreKind::Memory => bail!(
                "--accounts: --store memory would lose the accounts when the server stops; keep them in redb or redis, or \
                 give --accounts trying-out"
            ),
            Kind::BuiltIn | Kind::TryingOut => {
                if let Some(warning) = store.warning_of_accounts() {
                    tracing::warn!("{warning}");
                }
            }
        }
        let hashes = counter!(PASSWORD_HASHES);
        let deliver = hook(
            "--deliver-hook",
            self.deliver_hook.as_deref(),
            &DELIVER_TOKEN,
            &self.deliver_hook_token_file,
        )?;
        let events = hook(
            "--events-hook",
            self.events_hook.as_deref(),
            &EVENTS_TOKEN,
            &self.events_hook_token_file,
        )?;
        Ok(Some(Settings {
            password_min: self.password_min.into(),
            hasher: Hasher::counted_by(move || hashes.increment(1)),
            deliver,
            codes_an_hour: self.codes_an_hour,
            events,
            phone_numbers: None,
            third_parties: self.third_parties()?,
        }))
    }

    /// Somebody who sets them means accounts, and would not find out why nobody signs in.
    fn refuse_what_is_in_vain(&self) -> anyhow::Result<()> {
        let given = [
            ("--provider", !self.provider.is_empty()),
            ("--deliver-hook", self.deliver_hook.is_some()),
            (
                DELIVER_TOKEN.file_flag,
                self.deliver_hook_token_file.is_some(),
            ),
            ("--events-hook", self.events_hook.is_some()),
            (
                EVENTS_TOKEN.file_flag,
                self.events_hook_token_file.is_some(),
            ),
        ];
        for (setting, given) in given {
            ensure!(
                !given,
                "{setting} is given, and this server keeps no accounts; give --accounts built-in as well, or leave it out"
            );
        }
        Ok(())
    }

    fn third_parties(&self) -> anyhow::Result<Vec<Arc<ThirdParty>>> {
        let context = "--provider: the HTTP client cannot be set up";
        let web = Web::new(tls_client()).context(context)?;
        let mut known: Vec<Arc<ThirdParty>> = Vec::new();
        for setting in &self.provider {
            let name = &setting.name;
            ensure!(
                known.iter().all(|other| other.name() != name),
                "--provider: there are two with the name {name}; give each a name of its own"
            );
            let secret = setting.client_secret_file.as_deref().map(|file| {
                let what = format!("the client secret of {name}");
                in_file(&what, "--provider", file)
            });
            let provider = setting.clone().with_secret(secret.transpose()?);
            known.push(Arc::new(ThirdParty::new(provider, web.clone())));
        }
        Ok(known)
    }
}

fn hook(
    flag: &str,
    address: Option<&str>,
    token: &Secret,
    token_file: &Option<PathBuf>,
) -> anyhow::Result<Option<Hook>> {
    let token_given = token.read(token_file.as_deref())?;
    let Some(address) = address else {
        ensure!(
            token_given.is_none(),
            "{} is given, and no {flag} to send it to",
            token.what
        );
        return Ok(None);
    };
    let address: HookAddress = address.parse().with_context(|| flag.to_owned())?;
    if address.is_exposed() {
        tracing::warn!("{flag} is not https: what it is told crosses the network unencrypted");
    }
    let endpoint = address.endpoint(token_given);
    let endpoint = endpoint.with_context(|| format!("{flag} cannot be set up"))?;
    Ok(Some(endpoint))
}

#[cfg(test)]
mod tests;
