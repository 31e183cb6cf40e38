//! What else the backend gets of a request.

use std::net::{IpAddr, Ipv4Addr};

use wxsession_service::upstream::UpstreamSettings;

use super::world::{Unusual, World, ask, read, values};

#[tokio::test]
async fn what_is_the_apps_own_passes_and_what_concerns_one_connection_does_not() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    let passing = [
        ("authorization", "Bearer app"),
        ("cookie", "a=b; c=d"),
        ("cookie", "e=f"),
        ("content-type", "text/plain"),
        ("accept-encoding", "br"),
        ("range", "bytes=0-1"),
        ("x-request-id", "7"),
        ("x-wxsession", "mine"),
        ("content-digest", "sha-256=:x:"),
    ];
    let staying = [
        ("te", "trailers"),
        ("keep-alive", "timeout=5"),
        ("proxy-authorization", "Basic eA=="),
        ("proxy-connection", "keep-alive"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA"),
        ("x-of-this-connection", "1"),
    ];
    let named = [
        (
            "connection",
            "upgrade, HTTP2-Settings, X-Of-This-Connection, content-digest",
        ),
        ("sessionid", session.as_str()),
    ];
    let headers = [&passing[..], &staying, &named].concat();
    let (status, told) = read(&world.raw(&ask("/orders?a=%20b", &headers)).await);
    assert_eq!((status, &told["target"]), (200, &"/orders?a=%20b".into()));
    for (name, value) in passing {
        assert!(values(&told, name).contains(&value), "{name}: {told}");
    }
    for (name, _) in staying.iter().chain(&named) {
        assert!(values(&told, name).is_empty(), "{name}: {told}");
    }
    assert_eq!(values(&told, "host"), ["api.example"]);
}

const WHENCE: [(&str, &str); 12] = [
    ("x-forwarded-for", "203.0.113.9"),
    ("x-forwarded-proto", "gopher"),
    ("x-forwarded-host", "elsewhere.example"),
    ("x-forwarded-prefix", "/admin"),
    ("x_forwarded_for", "203.0.113.9"),
    ("x.forwarded.host", "elsewhere.example"),
    ("forwarded", "for=203.0.113.9"),
    ("x-real-ip", "203.0.113.9"),
    ("x_real_ip", "203.0.113.9"),
    ("x-original-url", "/admin"),
    ("x-original-uri", "/admin"),
    ("x-rewrite-url", "/admin"),
];

#[tokio::test]
async fn whence_a_request_comes_only_a_trusted_proxy_says() {
    let from_anybody = World::start().await;
    let behind_a_proxy = World::with(Unusual {
        settings: |settings| UpstreamSettings {
            proxies: [IpAddr::V4(Ipv4Addr::LOCALHOST).into()]
                .into_iter()
                .collect(),
            by_tls: true,
            ..settings
        },
        ..Unusual::default()
    })
    .await;
    for (world, headers, client, scheme, host) in [
        (&from_anybody, &WHENCE[..], "127.0.0.1", "http", None),
        (&from_anybody, &[], "127.0.0.1", "http", None),
        (
            &behind_a_proxy,
            &WHENCE,
            "203.0.113.9",
            "gopher",
            Some("elsewhere.example"),
        ),
        (&behind_a_proxy, &[], "127.0.0.1", "https", None),
    ] {
        let (status, told) = read(&world.raw(&ask("/public/a", headers)).await);
        assert_eq!(status, 200);
        assert_eq!(values(&told, "x-forwarded-for"), [client]);
        assert_eq!(values(&told, "x-forwarded-proto"), [scheme]);
        assert_eq!(values(&told, "x-forwarded-host"), Vec::from_iter(host));
        let others = [
            "/admin",
            "real",
            "original",
            "rewrite",
            "\"forwarded\"",
            "_",
            "x.",
        ];
        let named: Vec<_> = told["headers"].as_array().unwrap().iter().collect();
        for other in others {
            let is_there = named
                .iter()
                .any(|header| header.to_string().contains(other));
            assert!(!is_there, "{other}: {told}");
        }
    }
}

#[tokio::test]
async fn the_host_is_the_one_that_the_client_calls_and_only_one() {
    let world = World::start().await;
    let get = |target: &str, host: &str| {
        format!("GET {target} HTTP/1.1\r\n{host}Connection: close\r\n\r\n")
    };
    let (status, told) = read(
        &world
            .raw(&get(
                "http://user@other.example:81/public/a?b",
                "Host: api.example\r\n",
            ))
            .await,
    );
    assert_eq!((status, &told["target"]), (200, &"/public/a?b".into()));
    assert_eq!(values(&told, "host"), ["other.example:81"]);
    for host in ["", "Host: a.example\r\nHost: b.example\r\n", "Host: \r\n"] {
        let (status, told) = read(&world.raw(&get("/public/a", host)).await);
        assert_eq!(
            (status, &told["code"]),
            (400, &"bad_request".into()),
            "{host:?}"
        );
    }
}
