//! What somebody meant who wrote a name that is none.

/// The name that is most like this one, if one is like it at all.
pub(super) fn similar<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// Below this, names are unlike: clap's own suggestions have the same limit.
    const LIKE: f64 = 0.8;
    let written = written.to_ascii_lowercase().replace('_', "-");
    let written = written.trim_start_matches('-');
    let written = written.strip_prefix("wxsession-").unwrap_or(written);
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(written, name), name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let names = ["listen", "idle-timeout", "absolute-timeout", "sign-in-rate"];
        for (written, meant) in [
            ("listn", Some("listen")),
            ("timeout-idle", None),
            ("idle", Some("idle-timeout")),
            ("absolut_timeout", Some("absolute-timeout")),
            ("WXSESSION_SIGNIN_RATE", Some("sign-in-rate")),
            ("--listen", Some("listen")),
            ("port", None),
            ("", None),
        ] {
            assert_eq!(similar(written, names), meant, "{written}");
        }
    }
}
