//! The documents and the code agree on the problem codes.

use wxsession_protocol::ProblemCode;

#[test]
fn the_documentation_tells_an_operator_what_to_do_about_every_code() {
    let documentation = include_str!("../../docs/operation.md");
    let (_, listed) = documentation.split_once("<!-- codes -->").unwrap();
    let (listed, _) = listed.split_once("<!-- /codes -->").unwrap();
    let mut rows = listed.lines().filter(|line| line.contains('`')).skip(1);
    for code in ProblemCode::ALL {
        let row = rows.next().unwrap_or_default();
        let (status, name, title) = (code.status(), code.as_str(), code.title());
        let expected = format!("| {status} `{name}` | {title} | ");
        let advice = row.strip_prefix(&expected).unwrap_or_default();
        assert!(
            advice.trim_end_matches(" |").len() > 10,
            "put this into service/docs/operation.md, with what to do: {expected}"
        );
    }
    assert_eq!(rows.next(), None);
}
