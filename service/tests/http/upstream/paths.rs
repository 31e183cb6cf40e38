//! Which paths are the server's own, which are the backend's, and which of those need no session.

use super::world::{World, ask, read};

#[tokio::test]
async fn only_paths_that_everybody_reads_alike_need_no_session() {
    let world = World::start().await;
    for path in [
        "/public",
        "/public/",
        "/public/a/b.png",
        "/public/%E8%8C%B6?a=/../b;c",
    ] {
        let (status, told) = read(&world.raw(&ask(path, &[])).await);
        assert_eq!((status, &told["target"]), (200, &path.into()));
    }
    let reached = world.reached();
    for path in [
        "/",
        "/orders",
        "/publication",
        "/public/..;/orders",
        "/public/..\\orders",
        "/public/../orders",
        "/public/./orders",
        "/public//orders",
        "/public/%2e%2e/orders",
        "/public/%252e%252e/orders",
        "/public/a%2forders",
        "/public/a%5corders",
        "/public/a;b=c",
        "/public/%c0%ae%c0%ae/orders",
        "//public/a",
        "/PUBLIC/a",
        "http://public/orders",
    ] {
        let (status, told) = read(&world.raw(&ask(path, &[])).await);
        assert_eq!(
            (status, &told["code"]),
            (401, &"session_missing".into()),
            "{path}"
        );
    }
    assert_eq!(world.reached(), reached);
}

#[tokio::test]
async fn with_a_session_every_path_reaches_the_backend_as_it_is() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    for path in [
        "/",
        "/?",
        "/wx/products/list?page=2",
        "/a/../b",
        "//a//b",
        "/a%2Fb/%2e%2e;c",
        "/public/..;/orders",
        "/%E8%8C%B6?%e8%8c%b6",
        "/a\\b",
    ] {
        let (status, told) = read(&world.raw(&ask(path, &[("sessionid", &session)])).await);
        assert_eq!((status, &told["target"]), (200, &path.into()));
    }
    // What follows a `#` is neither judged nor sent on.
    let (_, told) = read(&world.raw(&ask("/a#b", &[("sessionid", &session)])).await);
    assert_eq!(told["target"], "/a");
}

#[tokio::test]
async fn the_servers_own_routes_stay_its_own() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    for (method, path, status) in [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/wx/session", 200),
        ("DELETE", "/wx/session", 405),
        ("PUT", "/wx/onlogin", 405),
        ("POST", "/wx/logout", 204),
    ] {
        let ask = ask(path, &[("sessionid", &session)]).replacen("GET", method, 1);
        assert_eq!(read(&world.raw(&ask).await).0, status, "{method} {path}");
    }
    assert_eq!(world.reached(), 0);
}

#[tokio::test]
async fn what_cannot_be_carried_is_refused() {
    let world = World::start().await;
    let session = world.server.signed_in("ann").await;
    for (line, status, code) in [
        ("TRACE /orders", 405, "method_not_allowed"),
        ("TRACE /public/a", 405, "method_not_allowed"),
        ("CONNECT api.example:443", 405, "method_not_allowed"),
        ("OPTIONS *", 400, "bad_request"),
    ] {
        let ask = ask("/", &[("sessionid", &session)]).replacen("GET /", line, 1);
        let (found, told) = read(&world.raw(&ask).await);
        assert_eq!((found, &told["code"]), (status, &code.into()), "{line}");
    }
    assert_eq!(world.reached(), 0);
}
