//! Hides a secret in what wx or a server said.

/// The text with `***` for every occurrence of the secret: in either case, each character plain or URL-encoded. Hosts
/// differ in which characters they encode, and how.
pub(crate) fn hide(text: &str, secret: &str) -> String {
    let spellings: Vec<_> = secret.chars().map(spellings).collect();
    let mut hidden = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = match length_of(&spellings, rest) {
            0 => {
                hidden.push(next);
                next.len_utf8()
            }
            length => {
                hidden.push_str("***");
                length
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    hidden
}

/// How a character may be spelled: plain, and URL-encoded unless `encodeURIComponent` leaves the character alone.
fn spellings(character: char) -> Vec<String> {
    let plain = character.to_string();
    if character.is_ascii_alphanumeric() || "-_.!~*'()".contains(character) {
        return vec![plain];
    }
    let encoded = plain.bytes().map(|byte| format!("%{byte:02X}")).collect();
    vec![plain, encoded]
}

/// How many bytes at the start of the text spell the secret; zero if none do.
fn length_of(secret: &[Vec<String>], text: &str) -> usize {
    let starts_with = |at: usize, spelling: &str| {
        text.as_bytes()
            .get(at..at + spelling.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(spelling.as_bytes()))
    };
    // A plain `%` may begin the encoded form of itself, so there can be more than one place.
    let mut places = vec![0];
    for spellings in secret {
        if places.is_empty() {
            return 0;
        }
        let mut next = Vec::new();
        for at in places {
            for spelling in spellings {
                let end = at + spelling.len();
                if starts_with(at, spelling) && !next.contains(&end) {
                    next.push(end);
                }
            }
        }
        places = next;
    }
    places.into_iter().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::hide;

    #[derive(Deserialize)]
    struct Row {
        what: String,
        secret: String,
        said: String,
        told: String,
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_spelled() {
        let table = include_str!("../../tests/tables/secrets.json");
        let rows: Vec<Row> = serde_json::from_str(table).expect("rows");
        for row in rows {
            assert_eq!(hide(&row.said, &row.secret), row.told, "{}", row.what);
        }
    }

    #[test]
    fn nothing_is_hidden_where_there_is_no_secret() {
        assert_eq!(hide("said", ""), "said");
    }

    #[test]
    fn a_text_full_of_beginnings_of_the_secret_is_searched_soon() {
        let text = "%25".repeat(1_000);
        assert_eq!(hide(&text, &"%25".repeat(100)), "***".repeat(10));
        assert_eq!(hide(&text, &format!("{}x", "%".repeat(100))), text);
    }
}
