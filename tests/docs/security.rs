//! SECURITY.md names the tests that prove its claims. Each of these tests exists.

use std::fs;

use crate::{read, root};

/// The tests that a text links to, as ``[`name`](file)``.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    let links = text.split("[`").skip(1);
    let parts = links.filter_map(|link| link.split_once("`]("));
    parts
        .filter_map(|(name, rest)| Some((name, rest.split_once(')')?.0)))
        .collect()
}

/// Whether a file has a test with this name: a function in Rust, a title in JavaScript.
fn has_test(source: &str, file: &str, name: &str) -> bool {
    if file.ends_with(".rs") {
        let before = source.split(&format!("fn {name}(")).next().unwrap_or("");
        before.len() < source.len() && before.trim_end_matches("async ").trim_end().ends_with(']')
    } else {
        source.contains(&format!("test('{name}'"))
    }
}

#[test]
fn each_test_that_security_names_is_there() {
    let text = read("SECURITY.md");
    let tests = named_tests(&text);
    assert!(tests.len() > 40, "only {} tests found", tests.len());
    for (name, file) in tests {
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(
            has_test(&source, file, name),
            "{file} has no test {name}: change SECURITY.md"
        );
    }
}

#[test]
fn a_function_that_is_no_test_shows_nothing() {
    let source =
        "#[test]\nfn shown() {}\n\nfn helper() {}\n\n#[tokio::test]\nasync fn later() {}\n";
    for (name, expected) in [
        ("shown", true),
        ("later", true),
        ("helper", false),
        ("show", false),
    ] {
        assert_eq!(has_test(source, "a.rs", name), expected, "{name}");
    }
    assert_eq!(named_tests("| [`a b`](c.js), [d](e) |"), [("a b", "c.js")]);
}
