//! The settings of who says who a user is.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use secrecy::SecretString;

use super::secret::Secret;
use crate::accounts::{AccountsHook, Authority, HookAddress};
use crate::upstream::UpstreamAddress;

const TOKEN: Secret = Secret {
    what: "the token of the accounts hook",
    variable: "WXSESSION_ACCOUNTS_HOOK_TOKEN",
    file_flag: "--accounts-hook-token-file",
};

#[derive(Args, Debug)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct AccountOptions {
    /// Where your own user database says who signs in.
    ///
    /// It is asked at every sign-in: http://127.0.0.1:3001/sign-in, an https URL, or unix:/run/app/hook.sock:/sign-in.
    /// Without it users are WeChat users and nothing else.
    // A text until it is used, because clap's error for a wrong value would repeat the value.
    #[arg(long, env = "WXSESSION_ACCOUNTS_HOOK", value_name = "URL")]
    accounts_hook: Option<String>,
    /// A file with the token of the accounts hook.
    ///
    /// Instead of WXSESSION_ACCOUNTS_HOOK_TOKEN in the environment. The server sends it as Authorization: Bearer.
    #[arg(
        long,
        env = "WXSESSION_ACCOUNTS_HOOK_TOKEN_FILE",
        value_name = "FILE",
        hide_short_help = true
    )]
    accounts_hook_token_file: Option<PathBuf>,
}

impl AccountOptions {
    /// Who says who a user is.
    pub(super) fn authority(&self) -> anyhow::Result<Authority> {
        let Some(address) = self.address()? else {
            ensure!(
                self.token()?.is_none(),
                "{} is given, and no --accounts-hook (WXSESSION_ACCOUNTS_HOOK) to send it to",
                TOKEN.what
            );
            return Ok(Authority::WeChat);
        };
        if address.is_exposed() {
            tracing::warn!("--accounts-hook is not https: {EXPOSED}");
        }
        Ok(Authority::Hook(self.hook(address)?))
    }

    /// Warns if phones can ask the hook themselves, because requests are carried to where it is.
    pub(super) fn warn_if_carried_to(&self, backend: &UpstreamAddress) -> anyhow::Result<()> {
        let hook = self.address()?;
        let is_there = hook.is_some_and(|hook| hook.is_at(&backend.host_and_port()));
        if is_there && self.token()?.is_none() {
            tracing::warn!(
                "--accounts-hook is at --upstream and has no token, so that every phone that is signed in can ask it; give it \
                 one with {} or {}, or a port of its own",
                TOKEN.variable,
                TOKEN.file_flag
            );
        }
        Ok(())
    }

    /// The accounts hook, which must be configured, and what to warn of.
    pub(super) fn hook_to_check(&self) -> anyhow::Result<(AccountsHook, Option<&'static str>)> {
        let address = self.address()?.context(
            "no hook is named; give its address with --accounts-hook (WXSESSION_ACCOUNTS_HOOK)",
        )?;
        let warning = address.is_exposed().then_some(EXPOSED);
        Ok((self.hook(address)?, warning))
    }

    fn address(&self) -> anyhow::Result<Option<HookAddress>> {
        let address = self.accounts_hook.as_deref().map(str::parse);
        let address = address.transpose();
        address.context("--accounts-hook (WXSESSION_ACCOUNTS_HOOK)")
    }

    fn hook(&self, address: HookAddress) -> anyhow::Result<AccountsHook> {
        AccountsHook::new(address, self.token()?).context("--accounts-hook cannot be set up")
    }

    fn token(&self) -> anyhow::Result<Option<SecretString>> {
        TOKEN.read(self.accounts_hook_token_file.as_deref())
    }
}

const EXPOSED: &str = "passwords cross the network unencrypted";
