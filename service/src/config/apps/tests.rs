use std::path::PathBuf;

use secrecy::ExposeSecret;

use super::{AppOptions, parse};
use crate::config::secret::tests::written;

const APPID: &str = "wx1111111111111111";
const ANOTHER: &str = "wx2222222222222222";
const SECRET: &str = "5ec5e75ec5e75ec5e75ec5e75ec5e75e";

fn given(appid: Option<&str>, secret_file: Option<&str>, apps_file: Option<&str>) -> AppOptions {
    AppOptions {
        appid: appid.map(Into::into),
        secret_file: secret_file.map(PathBuf::from),
        apps_file: apps_file.map(PathBuf::from),
    }
}

#[test]
fn mini_programs_are_named_in_one_place() {
    for options in [
        given(None, None, None),
        given(Some(APPID), None, Some("apps")),
    ] {
        let error = options.apps().unwrap_err().to_string();
        assert!(error.contains("--appid"), "{error}");
        assert!(error.contains("--apps-file"), "{error}");
    }
}

#[test]
fn a_file_of_several_has_their_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let secret = written(folder.path(), "secret", SECRET);
    let options = given(None, Some(&secret), Some("apps"));
    let error = options.apps().unwrap_err().to_string();
    assert!(
        error.contains("--apps-file") && error.contains("--secret-file"),
        "{error}"
    );
    let one = given(Some(APPID), Some(&secret), None).apps().unwrap();
    assert_eq!(one[0].appid, APPID);
    assert_eq!(one[0].secret.expose_secret(), SECRET);
}

#[test]
fn appid_and_secret_are_not_exchanged() {
    let folder = tempfile::tempdir().unwrap();
    let secret = written(folder.path(), "secret", SECRET);
    let appid = written(folder.path(), "appid", APPID);
    for (options, named) in [
        (given(Some(SECRET), Some(&appid), None), "--appid"),
        (given(Some(APPID), Some(&appid), None), "--secret-file"),
        (given(Some("hello"), Some(&secret), None), "--appid"),
    ] {
        let error = options.apps().unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
        assert!(!error.contains(SECRET), "{error}");
    }
}

#[test]
fn a_file_names_several() {
    let text = format!("# ours\n\n{APPID} {SECRET}\r\n  {ANOTHER}\t{SECRET}\n");
    let apps = parse(&text).unwrap();
    let read = apps
        .iter()
        .map(|app| (&*app.appid, app.secret.expose_secret()));
    assert_eq!(
        read.collect::<Vec<_>>(),
        [(APPID, SECRET), (ANOTHER, SECRET)]
    );
}

#[test]
fn a_malformed_line_is_named_and_not_shown() {
    for line in [
        "hush".to_owned(),
        format!("{ANOTHER} {SECRET} 3"),
        format!("{ANOTHER} hush"),
        format!("{ANOTHER} hüsh"),
        format!("{SECRET} {ANOTHER}"),
        format!("hush {SECRET}"),
        format!("{APPID} {SECRET}"),
    ] {
        let error = parse(&format!("# ours\n{APPID} {SECRET}\n{line}\n")).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("line 3"), "{line}: {error}");
        let is_shown = ["hush", "hüsh", SECRET]
            .iter()
            .any(|text| error.contains(text));
        assert!(!is_shown, "{error}");
    }
    assert!(parse("# nothing\n").is_err());
}

#[cfg(unix)]
#[test]
fn a_file_that_others_have_rights_to_is_refused_and_the_remedy_named() {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apps");
    write(&file, format!("{APPID} {SECRET}\n")).unwrap();
    let apps = || given(None, None, file.to_str()).apps();
    set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let error = format!("{:#}", apps().unwrap_err());
    let remedy = format!("chmod 600 {}", file.display());
    assert!(
        error.contains("--apps-file") && error.contains(&remedy),
        "{error}"
    );
    set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(apps().unwrap().len(), 1);
}

#[test]
fn a_file_that_cannot_be_read_names_itself() {
    let missing = given(None, None, Some("/nowhere/at/all")).apps();
    let error = format!("{:#}", missing.unwrap_err());
    assert!(error.contains("--apps-file: /nowhere/at/all"), "{error}");
}
