//! The keys that tell our tokens from forged ones.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;

use crate::private;
use crate::random::{self, NoRandomness};

const KEY_BYTES: usize = 32;

/// One or more keys: the first signs, all verify. Removing a key ends the sessions it signed.
pub struct KeyRing {
    keys: Vec<RingKey>,
}

struct RingKey {
    id: String,
    secret: Zeroizing<[u8; KEY_BYTES]>,
}

/// Why there is no key ring. Tells the line, never what is on it.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// The file cannot be read or written.
    #[error("the key ring cannot be read or written; check the owner and the disk, or restore it")]
    File(#[source] io::Error),
    /// A line is not `id base64(32 bytes)`.
    #[error("line {line} of the key ring {fault}; mend the line, or restore the file")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// There is no file.
    #[error(
        "the key ring is missing, and no session is known without it; restore it, or remove \
         sessions.redb to begin anew, which signs everybody out"
    )]
    Missing,
    /// Others than its owner have rights to the file.
    #[error(
        "the key ring is open to other users of this machine; run `chmod 600 {}`, and if one of \
         them may have read it, remove it and sessions.redb to begin anew",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// There is no key in it.
    #[error(
        "the key ring has no key; restore it, or remove it and sessions.redb to begin anew, which \
         signs everybody out"
    )]
    Empty,
    /// The system gave no random bytes for a new key.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl KeyRing {
    /// A ring of one new key.
    pub fn generate() -> Result<Self, RingError> {
        let secret = Zeroizing::new(random::bytes()?);
        Ok(Self {
            keys: vec![RingKey {
                id: "1".into(),
                secret,
            }],
        })
    }

    /// Reads the ring in a file.
    pub fn open(path: &Path) -> Result<Self, RingError> {
        let mut file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RingError::Missing,
            _ => RingError::File(error),
        })?;
        if private::is_exposed(path, &file).map_err(RingError::File)? {
            let path = path.to_owned();
            return Err(RingError::Exposed { path });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(RingError::File)?;
        Self::parse(&text)
    }

    /// Makes a ring of one new key, in a file that only its owner can read.
    pub fn make(path: &Path) -> Result<Self, RingError> {
        let ring = Self::generate()?;
        ring.write(path).map_err(RingError::File)?;
        Ok(ring)
    }

    /// Reads lines of `id base64(32 bytes)`; empty lines and lines that begin with `#` are skipped.
    pub fn parse(text: &str) -> Result<Self, RingError> {
        let mut keys: Vec<RingKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fail = |fault| RingError::Line {
                line: index + 1,
                fault,
            };
            let key = RingKey::parse(line).map_err(fail)?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(fail("repeats the id of an earlier line"));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            Err(RingError::Empty)
        } else {
            Ok(Self { keys })
        }
    }

    /// Each key turned into one for a single purpose, in order.
    pub(crate) fn derive(&self, purpose: &str) -> Vec<Zeroizing<[u8; KEY_BYTES]>> {
        let derived = self.extract().into_iter().map(|extracted| {
            let mut derived = Zeroizing::new([0; KEY_BYTES]);
            extracted
                .expand(purpose.as_bytes(), derived.as_mut_slice())
                .expect("32 bytes are within what HKDF-SHA256 can give");
            derived
        });
        derived.collect()
    }

    /// Each key ready to be turned into others, in order.
    pub(crate) fn extract(&self) -> Vec<Hkdf<Sha256>> {
        let extracted = self.keys.iter().map(|key| key.secret.as_slice());
        extracted.map(|secret| Hkdf::new(None, secret)).collect()
    }

    /// The file appears whole or not at all: a crash must not leave half a key behind.
    fn write(&self, path: &Path) -> io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        let _ = fs::remove_file(&unfinished);
        let mut file = private::create_file(&unfinished)?;
        for key in &self.keys {
            let secret = Zeroizing::new(STANDARD.encode(key.secret.as_slice()));
            writeln!(file, "{} {}", key.id, *secret)?;
        }
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        // Until its folder is written as well, a crash can take the name away again.
        private::sync_folder_of(path)
    }
}

impl RingKey {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let mut words = line.split_ascii_whitespace();
        let (Some(id), Some(encoded), None) = (words.next(), words.next(), words.next()) else {
            return Err("is not an id, a space and a key");
        };
        if !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        {
            return Err("has an id with other characters than A-Z a-z 0-9 _ -");
        }
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        match STANDARD.decode_slice(encoded, secret.as_mut_slice()) {
            Ok(KEY_BYTES) => Ok(Self {
                id: id.to_owned(),
                secret,
            }),
            _ => Err("has a key that is not 32 bytes in base64"),
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.keys.iter().map(|key| &key.id))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyRing, RingError};

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn a_ring_made_on_the_first_start_is_read_on_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        assert!(matches!(KeyRing::open(&path), Err(RingError::Missing)));
        let made = KeyRing::make(&path).unwrap();
        let read = KeyRing::open(&path).unwrap();
        assert_eq!(made.derive("a purpose"), read.derive("a purpose"));
        assert_ne!(made.derive("a purpose"), made.derive("another"));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        KeyRing::make(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_have_rights_to_is_refused_and_the_remedy_named() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        KeyRing::make(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o644] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = KeyRing::open(&path).unwrap_err().to_string();
            let remedy = format!("chmod 600 {}", path.display());
            assert!(error.contains(&remedy), "{mode:o}: {error}");
        }
        for mode in [0o600, 0o400] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(KeyRing::open(&path).is_ok(), "{mode:o}");
        }
    }

    #[test]
    fn a_malformed_line_is_named_and_not_shown() {
        let short = &KEY[4..];
        for line in [
            "2",
            &format!("2 {KEY} more"),
            &format!("2 {short}"),
            &format!("1 {KEY}"),
        ] {
            let error = KeyRing::parse(&format!("# ours\n1 {KEY}\n{line}\n")).unwrap_err();
            assert!(
                matches!(error, RingError::Line { line: 3, .. }),
                "{line}: {error}"
            );
            assert!(!error.to_string().contains(short), "{error}");
        }
    }

    #[test]
    fn a_ring_without_a_key_is_refused() {
        assert!(matches!(
            KeyRing::parse("\n# nothing\n"),
            Err(RingError::Empty)
        ));
    }
}
