//! What of a request is signed, as the lines of a text.

/// The part of a request that a proof covers.
#[derive(Clone, Copy, Debug)]
pub struct Signable<'a> {
    /// As it is sent: upper case.
    pub method: &'a str,
    /// The target.
    pub target: Target<'a>,
    /// The value of `Content-Digest`, where the request has one.
    pub digest: Option<&'a str>,
}

/// Path and query of a request, as they are sent: visible ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    path: &'a str,
    /// With its `?`.
    query: &'a str,
}

impl<'a> Target<'a> {
    /// The target of a URL, or of what follows its origin. `None` if the URL has characters that must be encoded.
    ///
    /// ```
    /// use wxsession_protocol::proof::Target;
    ///
    /// let target = Target::of_url("https://api.example.com?page=2#top").unwrap();
    /// assert_eq!((target.path(), target.query()), ("/", "?page=2"));
    /// assert!(Target::of_url("https://api.example.com/茶").is_none());
    /// ```
    pub fn of_url(url: &'a str) -> Option<Self> {
        let url = url.split('#').next().unwrap_or_default();
        match url.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                Self::sent(&rest[rest.find(['/', '?']).unwrap_or(rest.len())..])
            }
            _ => Self::sent(url),
        }
    }

    /// The target of a request as a server receives it. `None` if it is no path with a query.
    pub fn sent(target: &'a str) -> Option<Self> {
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let is_visible = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        let is_path = path.is_empty() || path.starts_with('/');
        (is_path && target.bytes().all(is_visible)).then_some(Self {
            path: if path.is_empty() { "/" } else { path },
            query: if query.is_empty() { "?" } else { query },
        })
    }

    /// The path.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The query, with its `?`.
    pub fn query(&self) -> &'a str {
        self.query
    }
}

impl Signable<'_> {
    /// Writes the text that is signed, piece by piece.
    pub(super) fn write(&self, parameters: &str, mut write: impl FnMut(&str)) {
        for (name, value) in [
            ("\"@method\": ", self.method),
            ("\n\"@path\": ", self.target.path),
            ("\n\"@query\": ", self.target.query),
        ] {
            write(name);
            write(value);
        }
        if let Some(digest) = self.digest {
            write("\n\"content-digest\": ");
            write(digest);
        }
        write("\n\"@signature-params\": ");
        write(parameters);
    }
}

/// Whether the method cannot be taken for anything else among the lines.
pub(super) fn is_method(method: &str) -> bool {
    !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_graphic())
}
