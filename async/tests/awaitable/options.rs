//! The options of a session.

use wasm_bindgen_test::wasm_bindgen_test;
use wxsession_async::{ErrorCode, Options, Session};

use crate::world::{LOGIN, LOGOUT, World};

#[wasm_bindgen_test]
fn a_wrong_option_names_itself() {
    type Bend = fn(&mut Options);
    let wrong: [(Bend, &str); 7] = [
        (
            |options| options.login_url = "api.example.com".into(),
            "login_url",
        ),
        (|options| options.logout_url.clear(), "logout_url"),
        (
            |options| options.session_header = "a b".into(),
            "session_header",
        ),
        (|options| options.origins.push("x".into()), "origins"),
        (|options| options.storage_key.clear(), "storage_key"),
        (|options| options.login_timeout = 0, "login_timeout"),
        (
            |options| options.exchange_timeout = u32::MAX,
            "exchange_timeout",
        ),
    ];
    let world = World::new();
    for (bend, name) in wrong {
        let mut options = world.options();
        bend(&mut options);
        let error = Session::new(options).err().expect("an error");
        assert_eq!(error.code, ErrorCode::InvalidOption);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[wasm_bindgen_test]
fn one_session_has_a_storage_key() {
    let world = World::new();
    let first = world.session();
    let again = first.clone();
    let error = Session::new(world.options()).err().expect("an error");
    assert_eq!(error.code, ErrorCode::StorageKeyInUse);
    drop(first);
    assert!(Session::new(world.options()).is_err(), "a clone is left");
    drop(again);
    world.session();
}

#[wasm_bindgen_test]
fn the_sign_out_is_beside_the_sign_in() {
    for (login, logout) in [
        (LOGIN, LOGOUT),
        ("https://a.example", "https://a.example/logout"),
        ("https://a.example/", "https://a.example/logout"),
        ("https://a.example?x=/y/z#/", "https://a.example/logout"),
        ("https://a.example/a/b/c?d", "https://a.example/a/b/logout"),
    ] {
        assert_eq!(Options::new(login).logout_url, logout);
    }
}
