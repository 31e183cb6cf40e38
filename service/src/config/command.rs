//! The command line as a whole: the help around the settings, and what the program does besides serving.

#[cfg(test)]
mod tests;

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use secrecy::zeroize::Zeroizing;

use super::accounts::AccountOptions;
use super::file::{self, SettingsFile};
use super::origin::Origins;
use super::{Options, running, variables};
use crate::accounts::KnownUser;
use crate::check::check;
use crate::finding::report;

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

  In front of your backend, without another proxy:
    wxsession-server --appid wx0123456789abcdef --secret-file secret \\
        --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem \\
        --upstream http://127.0.0.1:3000 --upstream-public /public

  One of several servers that share a Redis:
    wxsession-server --apps-file apps --store redis --redis-file redis-url \\
        --keyring keyring

  Without an appid, against the simulated WeChat:
    WXSESSION_SECRET=51a51a51a51a51a51a51a51a51a51a51 wxsession-server \\
        --appid wx5e55105e55105e55 --wechat-api http://127.0.0.1:8090 \\
        --store memory";

const MORE: &str = "Each setting has an environment variable too: --help names it.";

/// Signs users of WeChat mini programs in and keeps their sessions.
///
/// A mini program's secret comes from the environment variable WXSESSION_SECRET or from a file, never
/// from a flag: flags are shown to every user of the machine.
#[derive(Debug, Parser)]
#[command(
    name = PROGRAM,
    version,
    args_conflicts_with_subcommands = true
)]
struct Words {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    errand: Option<Errand>,
}

/// What the program was asked for.
#[derive(Debug)]
pub(crate) struct CommandLine {
    /// What to do.
    pub(crate) task: Task,
    /// Where its settings come from.
    pub(crate) origins: Origins,
    /// What to log about the environment.
    pub(crate) warnings: Vec<String>,
}

/// What the program does.
#[derive(Debug)]
pub(crate) enum Task {
    /// It serves.
    Serve(Box<Options>),
    /// It does something else, and ends.
    Run(Errand),
}

/// What the program does besides serving.
#[derive(Debug, Subcommand)]
pub(crate) enum Errand {
    /// Print a script that lets a shell complete the flags.
    ///
    /// For this session, in bash or zsh: source <(wxsession-server completions bash); in fish: wxsession-server
    /// completions fish | source. For good: write it to where your shell looks for completions.
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Try out these settings before they serve.
    ///
    /// Asks WeChat with each secret, writes to the store and reads from it, asks the accounts hook and third
    /// parties, and connects to the backend. Says what to mend.
    Check(Box<Options>),
    /// Try out the accounts hook of your backend.
    ///
    /// Asks what a server would ask, of users who do not exist, and says what to mend. With --user it also signs a user
    /// in who does exist.
    CheckHook {
        #[command(flatten)]
        accounts: AccountOptions,
        /// A user who exists, for the method `password`; the password is read from standard input
        #[arg(long, value_name = "IDENTIFIER")]
        user: Option<String>,
    },
}

impl CommandLine {
    /// Reads flags, environment and settings file.
    ///
    /// # Errors
    /// The program has to end with this status: the help was asked for and printed, or a setting is wrong and the message
    /// about it printed.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        let arguments = env::args_os().collect();
        match Self::read_from(arguments, env::var_os(file::VARIABLE)) {
            Ok(Ok(command_line)) => Ok(command_line),
            Ok(Err((error, origins))) => {
                let _ = error.print();
                if error.use_stderr() {
                    eprintln!("{}", origins.explain(&error.to_string()));
                }
                Err(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1)))
            }
            Err(error) => {
                eprintln!("error: {error:#}");
                Err(ExitCode::FAILURE)
            }
        }
    }

    pub(super) fn read_from(
        arguments: Vec<OsString>,
        file: Option<OsString>,
    ) -> anyhow::Result<Result<Self, (clap::Error, Origins)>> {
        let mut command = described(&arguments);
        let file = file::named(&arguments, file);
        let file = file.map(|path| SettingsFile::read(&path)).transpose()?;
        if let Some(file) = &file {
            command = file.apply(command)?;
        }
        let is_set = |variable: &OsStr| env::var_os(variable).is_some();
        let origins = Origins::of(&command, &arguments, is_set, file.as_ref());
        let names = env::vars_os().map(|(name, _)| name);
        let warnings = variables::ignored(&command, names);
        let words = command
            .try_get_matches_from(arguments)
            .and_then(|matches| Words::from_arg_matches(&matches));
        Ok(match words {
            Ok(Words { options, errand }) => Ok(Self {
                task: errand.map_or_else(|| Task::Serve(Box::new(options)), Task::Run),
                origins,
                warnings,
            }),
            Err(error) => Err((error, origins)),
        })
    }
}

impl Errand {
    /// Runs the errand.
    ///
    /// # Errors
    /// Standard output cannot be written, a setting is wrong, or the errand has found something wrong.
    pub(crate) async fn run(&self, origins: &Origins) -> anyhow::Result<()> {
        match self {
            Self::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(*shell, &mut described(&[]), PROGRAM, &mut script);
                Ok(io::stdout().write_all(&script)?)
            }
            Self::CheckHook { accounts, user } => {
                let (hook, warning) = accounts.hook_to_check()?;
                if let Some(warning) = warning {
                    writeln!(
                        io::stdout(),
                        "note  {warning}: --accounts-hook is not https"
                    )?;
                }
                let known = user.as_deref().map(known_user).transpose()?;
                report(&hook.check(known.as_ref()).await)?;
                if known.is_none() {
                    let note = "note  no user who exists was tried; name one with --user";
                    writeln!(io::stdout(), "{note}")?;
                }
                Ok(())
            }
            Self::Check(options) => {
                let mut findings = check(options).await;
                for remedy in findings
                    .iter_mut()
                    .filter_map(|finding| finding.remedy.as_mut())
                {
                    *remedy += &origins.explain(remedy);
                }
                report(&findings)
            }
        }
    }
}

/// This user with the password in the first line of standard input.
fn known_user(identifier: &str) -> anyhow::Result<KnownUser> {
    let mut line = Zeroizing::new(String::new());
    io::stdin()
        .read_line(&mut line)
        .context("the password of --user cannot be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    ensure!(
        !password.is_empty(),
        "the password of --user is missing; give it on standard input"
    );
    Ok(KnownUser {
        identifier: identifier.to_owned(),
        password: password.into(),
    })
}

/// Adds everything that the help shows besides the settings of this command.
pub(super) fn described(arguments: &[OsString]) -> Command {
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
    let command = Words::command()
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading("Besides serving")
        .subcommand_value_name("ERRAND")
        .mut_subcommands(|errand| {
            let takes_settings = errand.get_arguments().any(|flag| flag.get_env().is_some());
            let file = takes_settings.then(file::argument);
            let errand = errand.args(file).arg(help_of_errand.clone());
            errand.mut_args(|flag| as_setting(flag.hide_env_values(true)))
        })
        .arg(file::argument())
        .args([help, version].map(|flag| flag.help_heading(running::HEADING)))
        .after_help(MORE)
        .after_long_help(EXAMPLES);
    // The values set on this machine are not for everybody who looks over a shoulder, and the short help has no room
    // even for the variables' names.
    let brief = arguments.iter().any(|argument| argument == "-h");
    command.mut_args(|flag| as_setting(flag.hide_env_values(true).hide_env(brief)))
}

/// A number below zero is a wrong value and not a flag, so that the error names the setting.
fn as_setting(flag: Arg) -> Arg {
    let takes_value = flag.get_action().takes_values();
    flag.allow_negative_numbers(takes_value)
}
