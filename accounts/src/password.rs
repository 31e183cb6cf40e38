//! Which passwords may be chosen.
//!
//! NIST SP 800-63B-4 (§3.1.1.2) and OWASP ASVS 5.0 (6.2): a minimum length, a list of common passwords, and nothing
//! else: no rules of composition, no expiry, no hints.
//!
//! *What an attacker can try:* the passwords that many people choose, and the identifier itself. Neither can be set
//! (`a_weak_password_is_refused_by_its_reason`). What remains is guessed at ten tries an hour: see [`crate::limits`].

use std::fmt;

use secrecy::zeroize::Zeroizing;
use unicode_normalization::UnicodeNormalization;

/// The fewest characters of a password where the operator asks for no more.
pub const LEAST_CHARACTERS: usize = 8;
/// The most: far beyond what anybody types, and little to hash. NIST asks for 64 at least.
pub const MOST_CHARACTERS: usize = 128;

/// The passwords of eight characters or more among the 20,000 most common, one a line and in lower case: from Django's
/// `common-passwords.txt.gz`, which Royce Williams compiled from leaks. Its licence lies beside it.
const COMMON: &str = include_str!("password/common.txt");

/// A password in its one form: NFKC, so that it can be typed on another keyboard. It is wiped when dropped, and `Debug`
/// does not show it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// What makes a password weak. Its name is the `reason` of `password_weak`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Too few characters.
    Short,
    /// Too many.
    Long,
    /// Many people have it.
    Common,
    /// It is one of the user's own identifiers.
    Identifier,
}

impl Weakness {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
            Self::Common => "common",
            Self::Identifier => "identifier",
        }
    }
}

impl Password {
    /// The password that somebody typed. Any text is one, also a weak one: it may be a guess.
    pub fn new(typed: &str) -> Self {
        Self(Zeroizing::new(typed.nfkc().collect()))
    }

    /// Checks that the password may be chosen. `is_identifier` says whether a text is one of the user's identifiers.
    ///
    /// ```
    /// use wxsession_accounts::password::{LEAST_CHARACTERS, Password, Weakness};
    ///
    /// let chosen = Password::new("woaini1314");
    /// assert_eq!(chosen.check(LEAST_CHARACTERS, |_| false), Err(Weakness::Common));
    /// ```
    ///
    /// # Errors
    /// The password is weak, and why.
    pub fn check(
        &self,
        least: usize,
        is_identifier: impl Fn(&str) -> bool,
    ) -> Result<(), Weakness> {
        let characters = self.0.chars().count();
        if characters < least {
            Err(Weakness::Short)
        } else if characters > MOST_CHARACTERS {
            Err(Weakness::Long)
        } else if is_common(&self.0) {
            Err(Weakness::Common)
        } else if is_identifier(&self.0) {
            Err(Weakness::Identifier)
        } else {
            Ok(())
        }
    }

    /// What is hashed.
    pub(crate) fn reveal(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A search from end to end takes a thousandth of the hash that follows.
fn is_common(password: &str) -> bool {
    let lower = Zeroizing::new(password.to_lowercase());
    COMMON.lines().any(|common| common == *lower)
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::{COMMON, LEAST_CHARACTERS, Password, Weakness};

    fn check(typed: &str) -> Result<(), Weakness> {
        Password::new(typed).check(LEAST_CHARACTERS, |text| text == "li.na.hangzhou")
    }

    #[test]
    fn a_weak_password_is_refused_by_its_reason() {
        for (typed, weakness) in [
            ("", Weakness::Short),
            ("1234567", Weakness::Short),
            ("一二三四五六七", Weakness::Short),
            (&"x".repeat(129), Weakness::Long),
            ("12345678", Weakness::Common),
            ("Password1", Weakness::Common),
            ("ｐａｓｓｗｏｒｄ１", Weakness::Common),
            ("woaini1314", Weakness::Common),
            ("li.na.hangzhou", Weakness::Identifier),
        ] {
            assert_eq!(check(typed), Err(weakness), "{typed}");
        }
    }

    #[test]
    fn length_is_all_that_is_asked_for() {
        for typed in [
            "ktqwmvze",
            "一二三四五六七八",
            "        ",
            &"长".repeat(128),
        ] {
            assert_eq!(check(typed), Ok(()), "{typed}");
        }
        assert_eq!(
            Password::new("ktqwmvze").check(9, |_| false),
            Err(Weakness::Short)
        );
    }

    #[test]
    fn a_password_is_the_same_on_every_keyboard() {
        let (composed, decomposed) = (
            Password::new("caf\u{e9}-paris"),
            Password::new("cafe\u{301}-paris"),
        );
        assert_eq!(composed.reveal(), decomposed.reveal());
    }

    #[test]
    fn the_list_has_only_what_the_length_lets_through() {
        assert!(COMMON.lines().count() > 8_000);
        let is_short = |common: &&str| common.chars().count() < LEAST_CHARACTERS;
        assert_eq!(COMMON.lines().find(is_short), None);
        for common in COMMON.lines().step_by(100) {
            assert_eq!(check(common), Err(Weakness::Common), "{common}");
        }
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        assert_eq!(
            format!("{:?}", Password::new("ktqwmvze")),
            "Password(redacted)"
        );
    }
}
