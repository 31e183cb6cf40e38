//! The headers by which a backend hears whose request it has, and which nobody else may set.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use wxsession_protocol::ProblemCode;
use wxsession_server::{HttpProblem, Session};

/// The WeChat user who holds the phone, and the mini program.
pub(crate) const OPENID: HeaderName = HeaderName::from_static("x-wx-openid");
pub(crate) const APPID: HeaderName = HeaderName::from_static("x-wx-appid");
/// What the phone has signed of the request.
pub(crate) const PROOF: HeaderName = HeaderName::from_static("x-wx-proof");
/// What WeChat tells of the user, where old clients are served.
pub(crate) const USER_INFO: HeaderName = HeaderName::from_static("x-wx-user-info");

/// What the names of all of them begin with.
const FAMILY: &[u8] = b"x-wx-";

/// Names the user, the WeChat user who holds the phone, and what the phone has signed. All headers are always set, so that
/// none of the client's own gets through.
///
/// # Errors
/// The store has a value that no header can hold.
pub(crate) fn told(session: Session) -> Result<Response, HttpProblem> {
    let names = [
        (HeaderName::from_static("x-wx-user"), session.user),
        (APPID, session.appid),
        (OPENID, session.openid),
        (
            HeaderName::from_static("x-wx-unionid"),
            session.unionid.unwrap_or_default(),
        ),
        (PROOF, session.proof.as_str().to_owned()),
    ];
    let mut headers = HeaderMap::with_capacity(names.len());
    for (name, value) in names {
        // WeChat's answers and the accounts' were validated before they were stored.
        let value = HeaderValue::try_from(value)
            .map_err(|_| HttpProblem::new(ProblemCode::StoreUnavailable))?;
        headers.insert(name, value);
    }
    Ok((StatusCode::OK, headers).into_response())
}

/// Whether some backend would take a header of this name for one of these. CGI and WSGI write `_` for `-`, and PHP writes it
/// for `.` too; so no character counts but letters and digits.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    let name = name.as_str().as_bytes();
    let spelt = |(written, meant): (&u8, &u8)| match meant {
        b'-' => !written.is_ascii_alphanumeric(),
        meant => written == meant,
    };
    name.len() >= FAMILY.len() && name.iter().zip(FAMILY).all(spelt)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::is_reserved;

    #[test]
    fn every_spelling_is_reserved_that_some_backend_takes_for_ours() {
        for (name, expected) in [
            ("x-wx-user", true),
            ("X-Wx-OpenID", true),
            ("x_wx_openid", true),
            ("x-wx_openid", true),
            ("x.wx.openid", true),
            ("x~wx!openid", true),
            ("x-wx-", true),
            ("x-wx-anything-new", true),
            ("x-wx-skey", true),
            ("x-wxuser", false),
            ("x-w", false),
            ("xx-wx-user", false),
            ("user", false),
            ("content-digest", false),
        ] {
            let name: HeaderName = name.parse().unwrap();
            assert_eq!(is_reserved(&name), expected, "{name}");
        }
    }
}
