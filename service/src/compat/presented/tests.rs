use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::{Login, Presented, appid};
use crate::compat::Protocol;
use crate::compat::failure::Failure;

const ALL: [Protocol; 3] = [Protocol::WeappSession, Protocol::Wafer, Protocol::Wafer2];

type Header = (&'static str, &'static [u8]);

fn headers(given: &[Header]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn presented(given: &[Header]) -> Option<Presented> {
    Presented::of(&headers(given), |_| true)
}

#[test]
fn the_protocols_are_told_apart_by_their_headers() {
    let code: Header = ("x-wx-code", b"a code");
    let raw_data: Header = ("X-WX-RAWDATA", b"%7B%7D");
    let (id, skey): (Header, Header) = (("X-WX-Id", b"id"), ("x-wx-skey", b"key"));
    let is = |given: &[Header]| presented(given).map(|presented| presented.protocol());
    assert!(matches!(
        presented(&[code, raw_data]),
        Some(Presented::Signed(Ok(_)))
    ));
    assert!(matches!(presented(&[code]), Some(Presented::Code(Some(_)))));
    assert_eq!(is(&[id, skey]), Some(Protocol::Wafer));
    assert_eq!(is(&[skey]), Some(Protocol::Wafer2));
    // A code beside a session is not what calls go by.
    assert_eq!(is(&[id, skey, code]), Some(Protocol::Wafer));
    assert_eq!(
        is(&[id, skey, code, raw_data]),
        Some(Protocol::WeappSession)
    );
    for nothing in [&[][..], &[id], &[raw_data], &[("x-wx-signature", b"00")]] {
        assert_eq!(is(nothing), None, "{nothing:?}");
    }
}

#[test]
fn what_comes_twice_or_empty_is_absent() {
    let (id, skey): (Header, Header) = (("x-wx-id", b"id"), ("x-wx-skey", b"key"));
    assert!(presented(&[skey, skey]).is_none());
    assert!(presented(&[("x-wx-skey", b"")]).is_none());
    // Not wafer 2's session, whatever the id was meant to be.
    let protocol = presented(&[id, id, skey]).map(|presented| presented.protocol());
    assert_eq!(protocol, Some(Protocol::Wafer2));
}

#[test]
fn a_login_needs_all_or_the_code_alone() {
    let (code, data, iv): (Header, Header, Header) = (
        ("x-wx-code", b"code"),
        ("x-wx-encrypted-data", b"data"),
        ("x-wx-iv", b"iv"),
    );
    let missing = |given: &[Header]| match Login::of(&headers(given), Protocol::Wafer2) {
        Err(Failure::HeaderMissing(name)) => name,
        _ => "nothing",
    };
    assert_eq!(missing(&[code, data, iv]), "nothing");
    assert_eq!(missing(&[code]), "nothing");
    assert_eq!(missing(&[data, iv]), "X-WX-Code");
    assert_eq!(missing(&[code, iv]), "X-WX-Encrypted-Data");
    assert_eq!(missing(&[code, data]), "X-WX-IV");
    assert_eq!(missing(&[code, data, iv, iv]), "X-WX-IV");
    let old: Header = ("x-wx-encrypt-data", b"data");
    let login = |protocol| Login::of(&headers(&[code, old]), protocol).unwrap();
    let encrypted = login(Protocol::Wafer).encrypted.unwrap();
    assert_eq!((encrypted.data.as_str(), encrypted.iv), ("data", None));
    assert!(login(Protocol::Wafer2).encrypted.is_none());
}

#[test]
fn only_wechats_own_words_name_a_mini_program() {
    let of = |referrer| appid(&headers(&[("referer", referrer)])).map(str::to_owned);
    let good = of(b"https://servicewechat.com/wx0123456789abcdef/devtools/page-frame.html");
    assert_eq!(good.as_deref(), Some("wx0123456789abcdef"));
    for wrong in [
        &b""[..],
        b"https://servicewechat.com/",
        b"https://servicewechat.com//x",
        b"https://servicewechat.com/wx1",
        b"http://servicewechat.com/wx1/2/",
        b"https://servicewechat.com.example/wx1/2/",
        b"https://servicewechat.com/wx 1/2/",
        b"https://servicewechat.com/wx\xff/2/",
    ] {
        assert_eq!(of(wrong), None);
    }
}

#[test]
fn nothing_of_it_shows_in_debug_output() {
    let given: [Header; 3] = [
        ("x-wx-code", b"a secret"),
        ("x-wx-rawdata", b"%7B%22a%22%3A%22secret%22%7D"),
        ("x-wx-signature", b"secret"),
    ];
    assert!(!format!("{:?}", presented(&given)).contains("secret"));
    let Some(Presented::Signed(signed)) = presented(&given) else {
        panic!("it is a sign-in");
    };
    assert_eq!(format!("{signed:?}"), "Ok(Signed(redacted))");
    let login = Login::of(&headers(&given), Protocol::Wafer);
    assert!(!format!("{login:?}").contains("secret"));
}

prop_compose! {
    /// Any values, of the headers that count, several times or not at all.
    fn any_headers()(
        given in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "x-wx-code", "x-wx-rawdata", "x-wx-signature", "x-wx-id", "x-wx-skey",
                    "x-wx-encrypted-data", "x-wx-iv", "x-wx-encrypt-data", "referer",
                ]),
                prop::collection::vec(prop_oneof![0x20_u8..=0x7e, 0x80_u8..=0xff, Just(b'%')], 0..200),
            ),
            0..8,
        )
    ) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(&value).unwrap());
        }
        headers
    }
}

proptest! {
    #[test]
    fn whatever_the_headers_are_they_are_read_within_bounds(
        headers in any_headers(),
        spoken in prop::sample::subsequence(ALL.to_vec(), 0..=3),
    ) {
        let presented = Presented::of(&headers, |protocol| spoken.contains(&protocol));
        if let Some(presented) = &presented {
            prop_assert!(spoken.contains(&presented.protocol()));
            let counts = match presented {
                Presented::Signed(_) | Presented::Code(_) => "x-wx-code",
                Presented::Pair { .. } | Presented::Skey(_) => "x-wx-skey",
            };
            prop_assert_eq!(headers.get_all(counts).iter().count(), 1);
        }
        if let Some(Presented::Signed(Ok(signed))) = presented {
            prop_assert!(signed.code.reveal().len() <= 128);
            prop_assert!(signed.raw_data.len() <= 200);
        }
        for protocol in ALL {
            let _ = Login::of(&headers, protocol);
        }
        let _ = appid(&headers);
    }
}
