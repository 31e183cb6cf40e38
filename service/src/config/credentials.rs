//! The form of appids and AppSecrets, so that a slip of the operator is found at the start and not by the first user.
//!
//! WeChat documents neither form. All that it has issued so far are `wx` with 16 hexadecimal digits, and 32 hexadecimal
//! digits. So a text that cannot be one is refused, and a text of a form that may be a new one is only warned of.

use anyhow::{bail, ensure};

const APPID_CHARACTERS: usize = 18;
const SECRET_CHARACTERS: usize = 32;

/// Checks an appid that comes from this place. The error does not show it, because it may be a secret in the wrong place.
pub(super) fn check_appid(place: &str, appid: &str) -> anyhow::Result<()> {
    ensure!(
        !is_secret(appid),
        "{place} has the form of an AppSecret, and an appid looks like wx0123456789abcdef; swap the two if they are exchanged"
    );
    ensure!(
        !appid.starts_with("gh_"),
        "{place} is the original ID (原始ID); give the AppID (小程序ID) instead, which begins with wx"
    );
    let possible = appid.starts_with("wx")
        && appid.len() >= APPID_CHARACTERS
        && appid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ensure!(
        possible,
        "{place} is not an appid, which looks like wx0123456789abcdef; copy it from the mini program's settings \
         (开发管理 → 开发设置)"
    );
    if !is_appid(appid) {
        tracing::warn!(
            "{place} is not wx with 16 hexadecimal digits, as appids have been so far; if WeChat refuses it, copy it again"
        );
    }
    Ok(())
}

/// Checks an AppSecret that comes from this place.
pub(super) fn check_secret(place: &str, secret: &str) -> anyhow::Result<()> {
    const REMEDY: &str =
        "copy it from the mini program's settings (开发管理 → 开发设置), or reset it there";
    ensure!(
        !is_appid(secret),
        "{place} has the form of an appid, and an AppSecret is 32 hexadecimal digits; swap the two if they are exchanged"
    );
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        bail!(
            "{place} has characters that an AppSecret does not have, such as quotes or stars; {REMEDY}"
        );
    }
    ensure!(
        secret.len() >= SECRET_CHARACTERS,
        "{place} has {} characters, and an AppSecret has {SECRET_CHARACTERS}; {REMEDY}",
        secret.len()
    );
    if !is_secret(secret) {
        tracing::warn!(
            "{place} is not 32 hexadecimal digits, as AppSecrets have been so far; if WeChat refuses it, copy it again"
        );
    }
    Ok(())
}

fn is_appid(text: &str) -> bool {
    let digits = text.strip_prefix("wx").unwrap_or_default();
    digits.len() + 2 == APPID_CHARACTERS && is_hexadecimal(digits)
}

fn is_secret(text: &str) -> bool {
    text.len() == SECRET_CHARACTERS && is_hexadecimal(text)
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::{check_appid, check_secret};

    const APPID: &str = "wx0123456789abcdef";
    const SECRET: &str = "51a51a51a51a51a51a51a51a51a51a51";

    #[test]
    fn what_wechat_issues_passes_and_so_does_what_it_might() {
        for appid in [APPID, "wx0123456789abcdefg", "wxzzzzzzzzzzzzzzzz"] {
            assert!(check_appid("--appid", appid).is_ok(), "{appid}");
        }
        let longer = SECRET.repeat(2);
        for secret in [SECRET, &longer, "Z1a51a51a51a51a51a51a51a51a51a51"] {
            assert!(check_secret("here", secret).is_ok(), "{secret}");
        }
    }

    #[test]
    fn a_slip_is_named_with_its_remedy_and_not_shown() {
        for (appid, remedy) in [
            (SECRET, "swap"),
            ("gh_0123456789ab", "AppID"),
            ("hello", "wx0123456789abcdef"),
            ("", "wx0123456789abcdef"),
            ("wx", "wx0123456789abcdef"),
            (&APPID[..17], "wx0123456789abcdef"),
            ("WX0123456789ABCDEF", "wx0123456789abcdef"),
            ("\"wx0123456789abcdef\"", "wx0123456789abcdef"),
            ("wx0123456789abcdeé", "wx0123456789abcdef"),
        ] {
            let error = check_appid("--appid", appid).unwrap_err().to_string();
            let is_named = error.starts_with("--appid") && error.contains(remedy);
            assert!(is_named, "{appid}: {error}");
            assert!(!error.contains(SECRET), "{error}");
        }
        let quoted = format!("\"{SECRET}\"");
        for (secret, remedy) in [
            (APPID, "swap"),
            ("x", "has 1 characters"),
            (&SECRET[..31], "has 31 characters"),
            (&quoted, "quotes"),
            ("********************************", "stars"),
        ] {
            let error = check_secret("--secret-file", secret).unwrap_err();
            let error = error.to_string();
            let is_named = error.starts_with("--secret-file") && error.contains(remedy);
            assert!(is_named, "{secret}: {error}");
            let is_shown = error.contains(&SECRET[..31]) || error.contains("***");
            assert!(!is_shown, "{error}");
        }
    }
}
