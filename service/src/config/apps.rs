//! The settings of the mini programs that the server speaks for, with their secrets.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use wxsession_server::identity::is_id;
use wxsession_server::wechat::Credentials;
use wxsession_stores::permissions;

use super::secret::Secret;

const SECRET: Secret = Secret {
    what: "the mini program's secret",
    variable: "WXSESSION_SECRET",
    file_flag: "--secret-file",
};
const APPID_EXAMPLE: &str =
    "an appid looks like wx0123456789abcdef; copy it from the mini program's settings";

/// The heading of these settings in the help.
pub(super) const HEADING: &str = "Mini programs";

#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct AppOptions {
    /// The mini program's appid
    #[arg(long, env = "WXSESSION_APPID", value_parser = appid)]
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
            (Some(appid), None) => Ok(vec![Credentials {
                appid: appid.clone(),
                secret: SECRET.require(self.secret_file.as_deref())?,
            }]),
            (None, Some(file)) => {
                let another = SECRET.read(self.secret_file.as_deref())?;
                ensure!(
                    another.is_none(),
                    "--apps-file (WXSESSION_APPS_FILE) has the secrets; give no {} and no {} beside it",
                    SECRET.variable,
                    SECRET.file_flag
                );
                read(file).with_context(|| format!("--apps-file: {}", file.display()))
            }
        }
    }
}

/// Reads the mini programs in a file that only its owner may read, like the key ring.
fn read(path: &Path) -> anyhow::Result<Vec<Credentials>> {
    let mut file = File::open(path).context("it cannot be read; check its path and owner")?;
    if permissions::is_exposed(path, &file)? {
        bail!(
            "it is open to other users of this machine; run `chmod 600 {}`, and if one of them may have \
             read it, have new secrets made in the mini programs' settings",
            path.display()
        );
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text)
        .context("it is not text that can be read")?;
    parse(&text)
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
        ensure!(
            is_id(appid),
            "line {number} does not begin with an appid: {APPID_EXAMPLE}"
        );
        let printable = secret.bytes().all(|byte| byte.is_ascii_graphic());
        ensure!(
            printable,
            "line {number} has a secret with characters that are not printable; mend it"
        );
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

fn appid(value: &str) -> Result<String, &'static str> {
    is_id(value).then(|| value.to_owned()).ok_or(APPID_EXAMPLE)
}
