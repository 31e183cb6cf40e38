//! Which paths need no session.
//!
//! A backend may read a path otherwise than it is written: to Tomcat and Spring `/public/..;/orders` is `/orders`, and to
//! others so are `/public/..\orders`, `/public//../orders` and a double escape. So only paths that everybody reads alike are
//! public. All others need a session, and reach the backend as they are.

use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// Prefixes of paths that need no session.
#[derive(Clone, Debug, Default)]
pub struct PublicPaths(Vec<PublicPath>);

/// A path that needs no session, and all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicPath(String);

/// The text is no path that could need no session.
#[derive(Debug, thiserror::Error)]
#[error(
    "give a path that begins with / and has letters, digits, `-`, `_` and `.` between its slashes, as in /public; it covers \
     everything below it"
)]
pub struct PublicPathError;

impl PublicPaths {
    /// Whether this path needs no session.
    pub(super) fn cover(&self, path: &str) -> bool {
        let is_below = |PublicPath(prefix): &PublicPath| {
            let rest = path.strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.0.iter().any(is_below) && is_plain(path)
    }
}

impl FromIterator<PublicPath> for PublicPaths {
    fn from_iter<I: IntoIterator<Item = PublicPath>>(paths: I) -> Self {
        Self(paths.into_iter().collect())
    }
}

impl FromStr for PublicPath {
    type Err = PublicPathError;

    fn from_str(text: &str) -> Result<Self, PublicPathError> {
        let path = text.strip_suffix('/').unwrap_or(text);
        let is_of_a_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
        let is_right = is_plain(path) && !path.ends_with('/') && path.bytes().all(is_of_a_path);
        match is_right {
            true => Ok(Self(path.to_owned())),
            false => Err(PublicPathError),
        }
    }
}

/// Whether every backend reads the path alike.
fn is_plain(path: &str) -> bool {
    let Some(below) = path.strip_prefix('/') else {
        return false;
    };
    let below = below.strip_suffix('/').unwrap_or(below);
    below.split('/').all(is_plain_segment)
}

fn is_plain_segment(segment: &str) -> bool {
    let is_escaped_rightly = segment.split('%').skip(1).all(|escape| {
        let digits = escape.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    // An overlong form of a dot is no UTF-8.
    let Ok(text) = percent_decode_str(segment).decode_utf8() else {
        return false;
    };
    let means_more = |character: char| {
        character.is_control() || matches!(character, '/' | '\\' | ';' | '%' | '#' | '?')
    };
    // Windows drops dots and spaces from the end of a name, so that `.. ` is `..`.
    let is_a_name = text
        .chars()
        .any(|character| !matches!(character, '.' | ' '));
    is_escaped_rightly && is_a_name && !text.contains(means_more)
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};
    use proptest::sample::select;

    use super::{PublicPath, PublicPaths};

    /// What paths are made of that are meant to look public.
    const PIECES: [&str; 24] = [
        "/",
        "//",
        "a",
        "b.c",
        ".",
        "..",
        "...",
        "%2e",
        "%2E%2e",
        "%2f",
        "%5c",
        "\\",
        ";",
        ";a=b",
        "%3b",
        "%25",
        "%252e",
        "%00",
        "%c0%ae",
        " ",
        "%20",
        "%E8%8C%B6",
        "?",
        "#",
    ];

    /// The path as the most obliging backend reads it that there could be.
    fn read(path: &str, decodings: usize) -> String {
        let mut path = path.split(['?', '#']).next().unwrap().to_owned();
        for _ in 0..decodings {
            path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
            // An overlong dot, read leniently.
            path = path.replace('\u{fffd}', ".");
        }
        let mut read: Vec<&str> = Vec::new();
        for segment in path.split(['/', '\\']) {
            let name = segment.split([';', '\0', '?', '#']).next().unwrap();
            match name.trim_end_matches(' ') {
                "" | "." => {}
                dots if dots.chars().all(|character| matches!(character, '.' | ' ')) => {
                    read.pop();
                }
                name => read.push(name),
            }
        }
        format!("/{}", read.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn no_public_path_leads_elsewhere_however_a_backend_reads_it(
            pieces in proptest::collection::vec(select(&PIECES[..]), 0..8)
        ) {
            let path = format!("/public/{}", pieces.concat());
            // The query does not belong to the path that is looked at.
            let looked_at = path.split('?').next().unwrap();
            if public().cover(looked_at) {
                for decodings in 0..3 {
                    let read = read(&path, decodings);
                    prop_assert!(read == "/public" || read.starts_with("/public/"), "{path}: {read}");
                }
            }
        }
    }

    fn public() -> PublicPaths {
        let paths = ["/public", "/static/v1/", "/favicon.ico"];
        paths.iter().map(|path| path.parse().unwrap()).collect()
    }

    #[test]
    fn plain_paths_below_a_prefix_are_public() {
        for path in [
            "/public",
            "/public/",
            "/public/a",
            "/public/a/b/",
            "/public/a.b-c_d~e",
            "/public/.well-known/x",
            "/public/a..b",
            "/public/%E8%8C%B6.png",
            "/public/a%20b",
            "/public/a+b=c,d:e@f!(g)'*$&",
            "/static/v1/a",
            "/favicon.ico",
        ] {
            assert!(public().cover(path), "{path}");
        }
    }

    #[test]
    fn what_a_backend_may_read_otherwise_is_not() {
        for path in [
            "/",
            "",
            "*",
            "/publication",
            "/PUBLIC/a",
            "/static",
            "/static/v10",
            "/orders",
            "//public/a",
            "/./public/a",
            "/public//a",
            "/public//",
            "/public/../orders",
            "/public/..",
            "/public/.",
            "/public/./a",
            "/public/...",
            "/public/..;/orders",
            "/public/a;b",
            "/public/..\\orders",
            "/public/%2e%2e/orders",
            "/public/%2E%2e/orders",
            "/public/.%2e/orders",
            "/public/a%2Fb",
            "/public/a%2fb",
            "/public/a%5Cb",
            "/public/a%5cb",
            "/public/a%3Bb",
            "/public/a%3bb",
            "/public/%252e%252e/orders",
            "/public/%25",
            "/public/a%",
            "/public/a%2",
            "/public/a%zz",
            "/public/a%23b",
            "/public/a%3Fb",
            "/public/a%00b",
            "/public/a%0d%0ab",
            "/public/a%7Fb",
            "/public/.. /orders",
            "/public/..%20/orders",
            "/public/%20",
            "/public/%c0%ae%c0%ae/orders",
            "/public/%e8",
            "/publi%63/a",
            "/favicon.ico/../orders",
        ] {
            assert!(!public().cover(path), "{path}");
        }
        assert!(!PublicPaths::default().cover("/public/a"));
    }

    #[test]
    fn a_prefix_is_a_plain_path_and_never_all_paths() {
        for (text, right) in [
            ("/public", true),
            ("/public/", true),
            ("/a/b.c", true),
            ("/", false),
            ("", false),
            ("public", false),
            ("/public//", false),
            ("//", false),
            ("/a/../b", false),
            ("/a;b", false),
            ("/a%20b", false),
            ("/茶", false),
            ("/a?b", false),
            ("/*", false),
        ] {
            assert_eq!(text.parse::<PublicPath>().is_ok(), right, "{text}");
        }
    }
}
