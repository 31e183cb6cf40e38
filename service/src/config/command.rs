//! The command line as a whole: the help around the settings, and the errands.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{self, Write};

use anyhow::ensure;
use clap::{Arg, ArgAction, Command, Subcommand};
use clap_complete::Shell;

use super::accounts::AccountOptions;
use super::{file, running};
use crate::accounts::Finding;

const PROGRAM: &str = "wxsession-server";

const EXAMPLES: &str = "\
Examples:
  One mini program, behind a proxy on the same machine that has the certificate:
    wxsession-server --appid wx0123456789abcdef --secret-file secret \\
        --trusted-proxy 127.0.0.1

  With a certificate of its own, and a listener for your other services:
    wxsession-server --appid wx0123456789abcdef --secret-file secret \\
        --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem \\
        --internal 127.0.0.1:8081

  One of several servers that share a Redis:
    wxsession-server --apps-file apps --store redis --redis-file redis-url \\
        --keyring keyring

  Without an appid, against the simulated WeChat:
    WXSESSION_SECRET=51a51a51a51a51a51a51a51a51a51a51 wxsession-server \\
        --appid wx5e55105e55105e55 --wechat-api http://127.0.0.1:8090 \\
        --store memory";

const MORE: &str = "Each setting has an environment variable too: --help names it.";

/// What the program does besides serving.
#[derive(Debug, Subcommand)]
pub(super) enum Errand {
    /// Print a script that lets a shell complete the flags.
    ///
    /// For this session, in bash or zsh: source <(wxsession-server completions bash); in fish: wxsession-server
    /// completions fish | source. For good: write it to where your shell looks for completions.
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Try out the accounts hook of your backend.
    ///
    /// Asks what a server would ask, of users who do not exist, and says what to mend.
    CheckHook(AccountOptions),
}

impl Errand {
    /// Runs the errand.
    ///
    /// # Errors
    /// Standard output cannot be written, a setting is wrong, or the errand has found something wrong.
    pub(super) async fn run(&self, mut command: Command) -> anyhow::Result<()> {
        match self {
            Self::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(*shell, &mut command, PROGRAM, &mut script);
                Ok(io::stdout().write_all(&script)?)
            }
            Self::CheckHook(accounts) => {
                let (hook, warning) = accounts.hook_to_check()?;
                if let Some(warning) = warning {
                    writeln!(
                        io::stdout(),
                        "note  {warning}: --accounts-hook is not https"
                    )?;
                }
                report(&hook.check().await)
            }
        }
    }
}

fn report(findings: &[Finding]) -> anyhow::Result<()> {
    let mut output = io::stdout();
    for finding in findings {
        let mark = finding.remedy.map_or("ok   ", |_| "WRONG");
        writeln!(output, "{mark} {}: {}", finding.asked, finding.answered)?;
        if let Some(remedy) = finding.remedy {
            writeln!(output, "      {remedy}")?;
        }
    }
    let wrong = findings.iter().filter(|finding| finding.remedy.is_some());
    let (wrong, all) = (wrong.count(), findings.len());
    ensure!(wrong == 0, "{wrong} of {all} answers are wrong");
    Ok(())
}

/// Adds everything that the help shows besides the settings of this command.
pub(super) fn described(command: Command, arguments: &[OsString]) -> Command {
    let help = Arg::new("help")
        .long("help")
        .short('h')
        .action(ArgAction::Help)
        .help("Print help: -h a short one, --help all of it");
    let help_of_errand = help.clone().help("Print help");
    let version = Arg::new("version")
        .long("version")
        .short('V')
        .action(ArgAction::Version)
        .help("Print the version");
    let command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading("Besides serving")
        .subcommand_value_name("ERRAND")
        .mut_subcommands(|errand| errand.arg(help_of_errand.clone()))
        .arg(file::argument())
        .args([help, version].map(|flag| flag.help_heading(running::HEADING)))
        .after_help(MORE)
        .after_long_help(EXAMPLES);
    // The values set on this machine are not for everybody who looks over a shoulder, and the short help has no room
    // even for the variables' names.
    let brief = arguments.iter().any(|argument| argument == "-h");
    command.mut_args(|flag| flag.hide_env_values(true).hide_env(brief))
}
