//! Identifiers as people type them: names, phone numbers and addresses, each brought to one form.
//!
//! *What an attacker can try:* to register a second spelling of somebody's identifier (`Li.Na`, `ＬＩ.ＮＡ`, a number
//! with spaces), and be taken for them. So every spelling is normalised before it is looked up, and normalising twice
//! changes nothing (`normalising_again_changes_nothing`).

use std::fmt;

use secrecy::zeroize::Zeroizing;
use unicode_normalization::UnicodeNormalization;

/// How many characters a name may have. Short names are all taken in a day; long ones fit no screen.
const NAME_CHARACTERS: std::ops::RangeInclusive<usize> = 3..=32;
/// How many digits a phone number may have: ITU-T E.164 allows fifteen, and no country has numbers of fewer than seven.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// How many digits a Chinese mobile number has without its country code (工信部电信网编号计划, 2017).
const CHINESE_DIGITS: usize = 11;
/// How many bytes an address may have, and the part before the `@` (RFC 5321, §4.5.3.1).
const ADDRESS_BYTES: usize = 254;
const LOCAL_BYTES: usize = 64;
/// Anything longer is refused before it is normalised.
const TYPED_BYTES: usize = 512;

/// What an identity is: how somebody shows that it is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A WeChat user of one of the server's mini programs.
    WeChat,
    /// A name that the user has chosen.
    Name,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A user of a third party.
    Oidc,
}

impl Kind {
    /// The name on the wire, and in the hash that an identity is looked up by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WeChat => "wechat",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Oidc => "oidc",
        }
    }
}

/// A name, a phone number or an address, in its one form. It is wiped when dropped, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    kind: Kind,
    normalised: Zeroizing<String>,
}

/// Why a text is no identifier. Never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Far too long for any of them.
    #[error("`identifier` is too long; a name has 3 to 32 characters")]
    Long,
    /// Begins like a name.
    #[error(
        "`identifier` is not a name: a name has 3 to 32 letters, digits, `.`, `_` or `-`, and begins with a letter"
    )]
    Name,
    /// Begins like a phone number.
    #[error(
        "`identifier` begins with + or a digit and is not a phone number; write it with its country code, as in \
         +8613800138000"
    )]
    Phone,
    /// Has an `@`.
    #[error("`identifier` has an @ and is not an e-mail address")]
    Email,
}

impl Identifier {
    /// Reads what somebody typed: with `@` an address, with `+` or a digit in front a phone number, else a name.
    ///
    /// ```
    /// use wxsession_accounts::identifier::{Identifier, Kind};
    ///
    /// # fn main() -> Result<(), wxsession_accounts::identifier::IdentifierError> {
    /// let phone = Identifier::parse("138 0013 8000")?;
    /// assert_eq!((phone.kind(), phone.shown()), (Kind::Phone, "+86138****8000".into()));
    /// assert!(Identifier::parse("Li.Na")? == Identifier::parse("ｌｉ.ｎａ")?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The text is none of the three.
    pub fn parse(typed: &str) -> Result<Self, IdentifierError> {
        if typed.len() > TYPED_BYTES {
            return Err(IdentifierError::Long);
        }
        let folded = folded(typed.trim());
        let (kind, normalised) = if folded.contains('@') {
            (Kind::Email, address(folded))
        } else if folded.starts_with(|first: char| first == '+' || first.is_ascii_digit()) {
            (Kind::Phone, phone(&folded))
        } else {
            (Kind::Name, name(folded))
        };
        let normalised = normalised.ok_or(match kind {
            Kind::Email => IdentifierError::Email,
            Kind::Phone => IdentifierError::Phone,
            _ => IdentifierError::Name,
        })?;
        Ok(Self { kind, normalised })
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its one form. Personal: for a keyed hash, or for the service that sends a code.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }

    /// The form that may be stored and shown to its owner: enough to recognise it, too little to use it.
    pub fn shown(&self) -> String {
        match self.kind {
            Kind::Phone => masked_phone(&self.normalised),
            Kind::Email => {
                let (local, domain) = self.normalised.rsplit_once('@').unwrap_or_default();
                format!("{}@{domain}", masked_word(local))
            }
            _ => masked_word(&self.normalised),
        }
    }
}

/// Brings spellings that people take for the same to one form: NFKC, then case folding, then NFKC again, because
/// folding can undo it. Upper case comes first, so that ß and ss, ς and σ become one (Unicode, §5.18).
fn folded(text: &str) -> Zeroizing<String> {
    let upper = text.nfkc().flat_map(char::to_uppercase);
    Zeroizing::new(upper.flat_map(char::to_lowercase).nfkc().collect())
}

fn name(folded: Zeroizing<String>) -> Option<Zeroizing<String>> {
    let allowed = |each: char| each.is_alphanumeric() || matches!(each, '.' | '_' | '-');
    let fits = NAME_CHARACTERS.contains(&folded.chars().count())
        && folded.starts_with(char::is_alphabetic)
        && folded.chars().all(allowed);
    fits.then_some(folded)
}

/// E.164: a plus, the country code, the number. Without a country code eleven digits that begin with a one are a
/// Chinese mobile number, since the programs run in WeChat.
fn phone(folded: &str) -> Option<Zeroizing<String>> {
    let is_separator = |each: &char| matches!(each, ' ' | '-' | '(' | ')');
    let typed: Zeroizing<String> =
        Zeroizing::new(folded.chars().filter(|each| !is_separator(each)).collect());
    let digits = match (typed.strip_prefix('+'), typed.strip_prefix("00")) {
        (Some(international), _) | (_, Some(international)) => {
            Zeroizing::new(international.to_owned())
        }
        _ if typed.len() == CHINESE_DIGITS && typed.starts_with('1') => {
            Zeroizing::new(format!("86{}", *typed))
        }
        _ => return None,
    };
    let fits = PHONE_DIGITS.contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    fits.then(|| Zeroizing::new(format!("+{}", *digits)))
}

/// Only what a mail server cannot do without is checked: a code that arrives is the proof of an address.
fn address(folded: Zeroizing<String>) -> Option<Zeroizing<String>> {
    let (local, domain) = folded.rsplit_once('@')?;
    let is_word = |text: &str| {
        !text.contains(|each: char| each.is_whitespace() || each.is_control() || each == '@')
    };
    let labels = domain.split('.');
    let fits = folded.len() <= ADDRESS_BYTES
        && (1..=LOCAL_BYTES).contains(&local.len())
        && is_word(local)
        && is_word(domain)
        && labels.clone().count() >= 2
        && labels
            .clone()
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    fits.then_some(folded)
}

/// The first and last characters of a word of four or more; of a shorter one, only the first.
fn masked_word(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(String::from).unwrap_or_default();
    match characters.next_back() {
        Some(last) if characters.count() >= 2 => format!("{first}***{last}"),
        _ => format!("{first}***"),
    }
}

/// As Chinese programs show it, `138****8000`, behind the country code. Of a short number, less.
fn masked_phone(number: &str) -> String {
    let (shown, hidden) = match number.len() {
        14.. => (6, 4),
        11.. => (4, 4),
        _ => (3, 2),
    };
    let start = number.get(..shown).unwrap_or_default();
    let end = number
        .get(number.len().saturating_sub(hidden)..)
        .unwrap_or_default();
    format!("{start}****{end}")
}

impl fmt::Debug for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Identifier({:?}, redacted)", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Identifier, IdentifierError, Kind};

    fn parsed(typed: &str) -> Identifier {
        Identifier::parse(typed).unwrap()
    }

    #[test]
    fn every_spelling_of_an_identifier_is_the_same() {
        for (one, spellings) in [
            ("li.na", &["Li.Na", "ＬＩ．ｎａ", " li.na\n"][..]),
            ("strasse", &["Straße", "STRASSE"]),
            ("οδοσ", &["ΟΔΟΣ", "οδος"]),
            ("李小娜", &["李小娜 "]),
            (
                "+8613800138000",
                &[
                    "138 0013-8000",
                    "0086 13800138000",
                    "＋８６１３８００１３８０００",
                    "+86 (138) 00138000",
                ],
            ),
            (
                "ann@example.com",
                &["Ann@Example.COM", "ａｎｎ＠example.com"],
            ),
        ] {
            for spelling in spellings {
                assert_eq!(parsed(spelling).normalised(), one, "{spelling}");
            }
        }
    }

    #[test]
    fn what_is_none_of_the_three_is_refused_by_what_it_looks_like() {
        use IdentifierError::{Email, Long, Name, Phone};
        for (typed, error) in [
            ("", Name),
            ("ab", Name),
            ("_ab", Name),
            ("a b c", Name),
            ("a\u{0}bc", Name),
            ("a\u{200b}bc", Name),
            ("abcdefghijklmnopqrstuvwxyzabcdefg", Name),
            ("3com", Phone),
            ("+", Phone),
            ("+0123456789", Phone),
            ("+1234567890123456", Phone),
            ("110", Phone),
            ("23800138000", Phone),
            ("@", Email),
            ("a@b", Email),
            ("a@b@c.de", Email),
            ("a b@c.de", Email),
            ("a@.de", Email),
            ("a@-b.de", Email),
        ] {
            assert_eq!(Identifier::parse(typed), Err(error), "{typed:?}");
        }
        assert_eq!(Identifier::parse(&"a".repeat(513)), Err(Long));
    }

    #[test]
    fn what_is_shown_does_not_tell_the_rest() {
        for (typed, shown) in [
            ("li.na", "l***a"),
            ("ann", "a***"),
            ("李小娜", "李***"),
            ("+8613800138000", "+86138****8000"),
            ("+447700900123", "+447****0123"),
            ("+2901234", "+29****34"),
            ("ann.li@example.com", "a***i@example.com"),
        ] {
            assert_eq!(parsed(typed).shown(), shown);
        }
    }

    #[test]
    fn an_identifier_does_not_show_in_debug_output() {
        assert_eq!(
            format!("{:?}", parsed("li.na")),
            "Identifier(Name, redacted)"
        );
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing(typed in "\\PC{0,40}|[+0-9 ]{0,20}|\\PC{1,9}@\\PC{1,9}\\.cn") {
            if let Ok(identifier) = Identifier::parse(&typed) {
                let again = Identifier::parse(identifier.normalised());
                prop_assert_eq!(again, Ok(identifier));
            }
        }

        #[test]
        fn case_makes_no_difference(typed in "\\p{L}{3,32}") {
            if let (Ok(one), Ok(other)) = (Identifier::parse(&typed), Identifier::parse(&typed.to_uppercase())) {
                prop_assert!(one == other, "{typed}");
            }
        }
    }

    #[test]
    fn each_kind_has_its_name() {
        let kinds = [
            Kind::WeChat,
            Kind::Name,
            Kind::Phone,
            Kind::Email,
            Kind::Oidc,
        ];
        assert_eq!(
            kinds.map(Kind::as_str),
            ["wechat", "name", "phone", "email", "oidc"]
        );
    }
}
