//! Settings that are secret: from the environment or a file, never from a flag.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use wxsession_stores::permissions::is_exposed;

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

    /// Where the secret comes from if it is set: the file, or else the environment.
    pub(super) fn place(&self, file: Option<&Path>) -> String {
        match file {
            Some(file) => format!("{}: {}", self.file_flag, file.display()),
            None => self.variable.to_owned(),
        }
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
    checked(what, &place, &text_of(what, &place, file)?)
}

/// The text of a file that is nobody else's to read. `what` is the secret in it and `place` is where the file is named, for
/// messages.
pub(super) fn text_of(what: &str, place: &str, file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let unreadable = || format!("{place} cannot be read; check its path and owner");
    let mut open = File::open(file).with_context(unreadable)?;
    ensure!(
        !is_exposed(&open).with_context(unreadable)?,
        "{place} is open to other users of this machine; run `chmod 600 {}`, and if one of them may have read it, \
         replace {what}",
        file.display()
    );
    let mut text = Zeroizing::new(String::new());
    open.read_to_string(&mut text)
        .with_context(|| format!("{place} is not a text file; put {what} there"))?;
    Ok(text)
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
pub(super) mod tests {
    use std::path::Path;

    use secrecy::ExposeSecret;

    use super::Secret;

    const SECRET: Secret = Secret {
        what: "the secret of this test",
        variable: "WXSESSION_OF_THIS_TEST",
        file_flag: "--of-this-test-file",
    };

    /// Writes a file that only its owner can read, and returns its path.
    pub(in crate::config) fn written(folder: &Path, name: &str, text: &str) -> String {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_secret_comes_from_the_environment_or_a_file_but_not_from_both() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), "secret", "hush\n");
        let file = Path::new(&file);
        let from_file = SECRET.choose(None, Some(file)).unwrap().unwrap();
        assert_eq!(from_file.expose_secret(), "hush");
        let from_environment = SECRET.choose(Some("hush".into()), None).unwrap().unwrap();
        assert_eq!(from_environment.expose_secret(), "hush");
        let both = SECRET
            .choose(Some("hush".into()), Some(file))
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
        let file = written(folder.path(), "secret", "two words\n");
        let bad = SECRET.choose(None, Some(file.as_ref())).unwrap_err();
        let bad = bad.to_string();
        assert!(
            bad.contains(SECRET.file_flag) && bad.contains(&file),
            "{bad}"
        );
        assert!(!bad.contains("two words"), "{bad}");
        let nowhere = SECRET
            .choose(None, Some("/nowhere/at/all".as_ref()))
            .unwrap_err();
        assert!(nowhere.to_string().contains(SECRET.file_flag), "{nowhere}");
    }
}
