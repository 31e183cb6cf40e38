use std::path::PathBuf;

use secrecy::ExposeSecret;

use super::{AppOptions, parse};

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
        given(Some("wx1"), None, Some("apps")),
    ] {
        let error = options.apps().unwrap_err().to_string();
        assert!(error.contains("--appid"), "{error}");
        assert!(error.contains("--apps-file"), "{error}");
    }
}

#[test]
fn a_file_of_several_has_their_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "hush").unwrap();
    let options = given(None, secret.to_str(), Some("apps"));
    let error = options.apps().unwrap_err().to_string();
    assert!(
        error.contains("--apps-file") && error.contains("--secret-file"),
        "{error}"
    );
    let one = given(Some("wx1"), secret.to_str(), None).apps().unwrap();
    assert_eq!(one[0].appid, "wx1");
    assert_eq!(one[0].secret.expose_secret(), "hush");
}

#[test]
fn a_file_names_several() {
    let apps = parse("# ours\n\nwx1 hush\r\n  wx2\thush-2\n").unwrap();
    let read = apps
        .iter()
        .map(|app| (&*app.appid, app.secret.expose_secret()));
    assert_eq!(
        read.collect::<Vec<_>>(),
        [("wx1", "hush"), ("wx2", "hush-2")]
    );
}

#[test]
fn a_malformed_line_is_named_and_not_shown() {
    for line in ["hush", "wx2 hush 3", "wx:2 hush", "wx2 hüsh", "wx1 hush"] {
        let error = parse(&format!("# ours\nwx1 another\n{line}\n"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 3"), "{line}: {error}");
        assert!(
            !error.contains("hush") && !error.contains("hüsh"),
            "{error}"
        );
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
    write(&file, "wx1 hush\n").unwrap();
    let apps = || given(None, None, file.to_str()).apps();
    set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
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
