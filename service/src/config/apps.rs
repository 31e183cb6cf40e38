//! The settings of the mini programs that the server speaks for, with their secrets.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use wxsession_server::wechat::Credentials;

use super::credentials::{check_appid, check_secret};
use super::secret::{Secret, text_of};

const SECRET: Secret = Secret {
    what: "the mini program's secret",
    variable: "WXSESSION_SECRET",
    file_flag: "--secret-file",
};
const APPID: &str = "--appid (WXSESSION_APPID)";

/// The heading of these settings in the help.
pub(super) const HEADING: &str = "Mini programs";

#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct AppOptions {
    /// The mini program's appid
    // Any text until it is used, because clap's error for a wrong value would repeat it, and it may be the secret.
    #[arg(long, env = "WXSESSION_APPID")]
    appid: Option<String>,
    /// A file with the mini program's secret.
    ///
    /// Instead of WXSESSION_SECRET in the environment.
    #[arg(long, env = "WXSESSION_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// A file with several mini programs, instead of --appid.
    ///
    /// It has one line for each: the appid, a space, the secret. Only its owner may read it (chmod 600).
    #[arg(long, env = "WXSESSION_APPS_FILE", value_name = "FILE")]
    apps_file: Option<PathBuf>,
}

impl AppOptions {
    /// The mini programs with their secrets.
    pub(super) fn apps(&self) -> anyhow::Result<Vec<Credentials>> {
        match (&self.appid, &self.apps_file) {
            (Some(_), Some(_)) => bail!(
                "both --appid (WXSESSION_APPID) and --apps-file (WXSESSION_APPS_FILE) are given; give one"
            ),
            (None, None) => bail!(
                "no mini program is named; give its appid with --appid (WXSESSION_APPID), or several \
                 in a file with --apps-file (WXSESSION_APPS_FILE)"
            ),
            (Some(appid), None) => self.one(appid).map(|app| vec![app]),
            (None, Some(file)) => {
                let another = SECRET.read(self.secret_file.as_deref())?;
                ensure!(
                    another.is_none(),
                    "--apps-file (WXSESSION_APPS_FILE) has the secrets; give no {} and no {} beside it",
                    SECRET.variable,
                    SECRET.file_flag
                );
                several(file)
            }
        }
    }

    fn one(&self, appid: &str) -> anyhow::Result<Credentials> {
        check_appid(APPID, appid)?;
        let secret = SECRET.require(self.secret_file.as_deref())?;
        let place = SECRET.place(self.secret_file.as_deref());
        check_secret(&place, secret.expose_secret())?;
        let appid = appid.to_owned();
        Ok(Credentials { appid, secret })
    }
}

fn several(file: &Path) -> anyhow::Result<Vec<Credentials>> {
    let place = format!("--apps-file: {}", file.display());
    let text = text_of("the secrets in it", &place, file)?;
    parse(&text).context(place)
}

/// Reads lines of `appid secret`; skips empty lines and lines that begin with `#`. An error names the line, and never
/// shows it.
fn parse(text: &str) -> anyhow::Result<Vec<Credentials>> {
    let mut apps: Vec<Credentials> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = index + 1;
        let mut words = line.split_ascii_whitespace();
        let (Some(appid), Some(secret), None) = (words.next(), words.next(), words.next()) else {
            bail!("line {number} is not an appid, a space and its secret; mend it");
        };
        check_appid(&format!("line {number}: its first word"), appid)?;
        check_secret(&format!("line {number}: its second word"), secret)?;
        ensure!(
            apps.iter().all(|app| app.appid != appid),
            "line {number} repeats the appid of an earlier line; remove one of them"
        );
        apps.push(Credentials {
            appid: appid.to_owned(),
            secret: SecretString::from(secret),
        });
    }
    ensure!(
        !apps.is_empty(),
        "it names no mini program; give each a line of its appid, a space and its secret"
    );
    Ok(apps)
}
