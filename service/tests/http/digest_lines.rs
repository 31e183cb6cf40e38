//! The lines by which backends compare a body with its digest, as the documentation has them.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::proxy::first_block;

const DOCUMENTATION: &str = include_str!("../../docs/signed-requests.md");

/// What each language needs around its lines: they are told the headers and the body, and say what they find.
const PROGRAMS: [(&str, &[&str], &str); 3] = [
    (
        "js",
        &["node", "-e"],
        "const { headers, body } = JSON.parse(require('fs').readFileSync(0));\n\
         console.log(isAsSigned(headers, Buffer.from(body, 'base64')))",
    ),
    (
        "python",
        &["python3", "-c"],
        "import base64, json, sys\n\
         told = json.load(sys.stdin)\n\
         print(is_as_signed(told['headers'], base64.b64decode(told['body'])))",
    ),
    (
        "php",
        &["php", "-r"],
        "$told = json_decode(stream_get_contents(STDIN), true);\n\
         $server = [];\n\
         foreach ($told['headers'] as $name => $value) $server['HTTP_' . strtoupper(strtr($name, '-', '_'))] = $value;\n\
         echo json_encode(is_as_signed($server, base64_decode($told['body'])));",
    ),
];

/// Whether a body is the one that was signed, as each language finds it.
pub(crate) fn are_as_signed(headers: &Value, body: &[u8]) -> Vec<bool> {
    let (_, lines) = DOCUMENTATION
        .split_once("## What a backend checks")
        .unwrap();
    let told = json!({ "headers": headers, "body": STANDARD.encode(body) }).to_string();
    let found = PROGRAMS.map(|(language, program, around)| {
        let code = format!("{}\n{around}", first_block(lines, language, &[]));
        let said = said(program, &code, &told);
        match said.trim().to_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => panic!("{language}: {said}"),
        }
    });
    found.to_vec()
}

fn said(program: &[&str], code: &str, told: &str) -> String {
    let mut process = Command::new(program[0])
        .args(&program[1..])
        .arg(code)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs {}: {error}", program[0]));
    let mut input = process.stdin.take().unwrap();
    input.write_all(told.as_bytes()).unwrap();
    drop(input);
    let output = process.wait_with_output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn the_lines_find_a_body_that_is_not_the_one_that_was_signed() {
    let body = "{\"id\":1,\"name\":\"茶\"}".as_bytes();
    let digest = "sha-256=:AUE0G70nyso770LlFSVtVrtoYObz5W6ZZONaoBjLuZA=:";
    let signed = json!({ "x-wx-proof": "body", "content-digest": digest });
    assert_eq!(are_as_signed(&signed, body), [true; 3]);
    let empty = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let nothing = json!({ "x-wx-proof": "body", "content-digest": empty });
    assert_eq!(are_as_signed(&nothing, b""), [true; 3]);
    for (headers, body) in [
        (signed.clone(), &b""[..]),
        (signed, b"{\"id\":2,\"name\":\"tea\"}"),
        (nothing, body),
        // Nobody vouches for the digest.
        (
            json!({ "x-wx-proof": "head", "content-digest": digest }),
            body,
        ),
        (
            json!({ "x-wx-proof": "none", "content-digest": digest }),
            body,
        ),
        (json!({ "content-digest": digest }), body),
        (json!({ "x-wx-proof": "body" }), body),
        (json!({ "x-wx-proof": "body", "content-digest": "" }), b""),
        (
            json!({ "x-wx-proof": "body", "content-digest": format!("{digest}, {digest}") }),
            body,
        ),
        (json!({}), body),
    ] {
        assert_eq!(are_as_signed(&headers, body), [false; 3], "{headers}");
    }
}
