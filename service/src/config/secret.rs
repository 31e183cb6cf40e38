//! Settings that are secret: from the environment or a file, never from a flag.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use secrecy::SecretString;

/// A secret setting, and where it may come from.
pub(super) struct Secret {
    /// Its name, for messages.
    pub(super) what: &'static str,
    /// The environment variable that contains it.
    pub(super) variable: &'static str,
    /// The flag that names a file with it.
    pub(super) file_flag: &'static str,
}

impl Secret {
    /// The secret, if it is set.
    pub(super) fn read(&self, file: Option<&Path>) -> anyhow::Result<Option<SecretString>> {
        self.choose(env::var_os(self.variable), file)
    }

    /// The secret, which must be set.
    pub(super) fn require(&self, file: Option<&Path>) -> anyhow::Result<SecretString> {
        self.read(file)?.with_context(|| {
            let Self {
                what,
                variable,
                file_flag,
            } = self;
            format!(
                "{what} is missing; put it into the environment as {variable}, or into a file and \
                 name that with {file_flag}"
            )
        })
    }

    /// Takes the environment as an argument, because all tests share one environment.
    fn choose(
        &self,
        in_environment: Option<OsString>,
        file: Option<&Path>,
    ) -> anyhow::Result<Option<SecretString>> {
        let Self {
            what,
            variable,
            file_flag,
        } = self;
        let (place, text) = match (in_environment, file) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                bail!("both {variable} and {file_flag} ({variable}_FILE) are given; give one")
            }
            (Some(secret), None) => match secret.into_string() {
                Ok(secret) => ((*variable).to_owned(), secret),
                Err(_) => bail!("{variable} is not text"),
            },
            (None, Some(file)) => return in_file(what, file_flag, file).map(Some),
        };
        checked(what, &place, &text).map(Some)
    }
}

/// The secret in a file that this flag names. `what` is its name, for messages.
pub(super) fn in_file(what: &str, flag: &str, file: &Path) -> anyhow::Result<SecretString> {
    let place = format!("{flag}: {}", file.display());
    let text = fs::read_to_string(file)
        .with_context(|| format!("{place} cannot be read; check its path and owner"))?;
    checked(what, &place, &text)
}

fn checked(what: &str, place: &str, text: &str) -> anyhow::Result<SecretString> {
    let secret = text.trim_end_matches(['\r', '\n']);
    let plausible = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(
        plausible,
        "{place} is empty or has characters that are not printable; put {what} there"
    );
    Ok(SecretString::from(secret))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::Secret;

    const SECRET: Secret = Secret {
        what: "the secret of this test",
        variable: "WXSESSION_OF_THIS_TEST",
        file_flag: "--of-this-test-file",
    };

    #[test]
    fn a_secret_comes_from_the_environment_or_a_file_but_not_from_both() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "hush\n").unwrap();
        let from_file = SECRET.choose(None, Some(&file)).unwrap().unwrap();
        assert_eq!(from_file.expose_secret(), "hush");
        let from_environment = SECRET.choose(Some("hush".into()), None).unwrap().unwrap();
        assert_eq!(from_environment.expose_secret(), "hush");
        let both = SECRET
            .choose(Some("hush".into()), Some(&file))
            .unwrap_err()
            .to_string();
        assert!(
            both.contains(SECRET.variable) && both.contains(SECRET.file_flag),
            "{both}"
        );
        assert!(SECRET.choose(None, None).unwrap().is_none());
    }

    #[test]
    fn a_missing_secret_says_where_to_put_it() {
        let missing = SECRET.require(None).unwrap_err().to_string();
        for word in [SECRET.what, SECRET.variable, SECRET.file_flag] {
            assert!(missing.contains(word), "{missing}");
        }
    }

    #[test]
    fn an_unusable_secret_is_refused_and_its_place_named() {
        let empty = SECRET
            .choose(Some("".into()), None)
            .unwrap_err()
            .to_string();
        assert!(empty.contains(SECRET.variable), "{empty}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "two words\n").unwrap();
        let bad = SECRET.choose(None, Some(&file)).unwrap_err().to_string();
        assert!(
            bad.contains(SECRET.file_flag) && bad.contains(file.to_str().unwrap()),
            "{bad}"
        );
        assert!(!bad.contains("two words"), "{bad}");
        let nowhere = SECRET
            .choose(None, Some("/nowhere/at/all".as_ref()))
            .unwrap_err();
        assert!(nowhere.to_string().contains(SECRET.file_flag), "{nowhere}");
    }
}
