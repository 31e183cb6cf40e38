//! The setting of old clients.

use std::str::FromStr;

use anyhow::ensure;
use clap::Args;

use super::edge;
use crate::compat::Compatibility;

/// Where clients sign in by default.
const WAFER_LOGIN: &str = "/login";
const WAFER2_LOGIN: &str = "/weapp/login";
/// Paths that this server has itself, or below.
const TAKEN: [&str; 3] = ["/wx", "/healthz", "/readyz"];

#[derive(Args, Debug)]
#[command(next_help_heading = edge::HEADING)]
pub(super) struct CompatOptions {
    /// Old clients to serve: weapp-session, wafer, wafer2.
    ///
    /// Separated by commas. wafer is wafer-client-sdk, and before it qcloud-weapp-client-sdk; wafer2 is
    /// wafer2-client-sdk. They sign in at /login and /weapp/login, or where you say: wafer=/api/login.
    #[arg(
        long,
        env = "WXSESSION_COMPAT",
        value_name = "CLIENT",
        value_delimiter = ','
    )]
    compat: Vec<OldClient>,
}

/// One client, with the path of its login URL.
#[derive(Clone, Debug, PartialEq, Eq)]
enum OldClient {
    WeappSession,
    Wafer(String),
    Wafer2(String),
}

impl CompatOptions {
    pub(super) fn is_wanted(&self) -> bool {
        !self.compat.is_empty()
    }

    /// Which old clients are served, if any are.
    pub(super) fn compatibility(&self, is_judged: bool) -> anyhow::Result<Option<Compatibility>> {
        let mut compatibility = Compatibility::default();
        for client in &self.compat {
            match client {
                OldClient::WeappSession => compatibility.weapp_session = true,
                OldClient::Wafer(path) => compatibility.wafer = Some(path.clone()),
                OldClient::Wafer2(path) => compatibility.wafer2 = Some(path.clone()),
            }
        }
        if compatibility == Compatibility::default() {
            return Ok(None);
        }
        let (wafer, wafer2) = (&compatibility.wafer, &compatibility.wafer2);
        ensure!(
            wafer.is_none() || wafer != wafer2,
            "--compat: wafer and wafer2 sign in at the same path, and each needs an answer of its own; give two paths"
        );
        ensure!(
            is_judged,
            "--compat (WXSESSION_COMPAT) serves old clients through a proxy that asks at /verify, or carries their calls \
             itself; give the address of that listener with --internal, or that of your backend with --upstream"
        );
        Ok(Some(compatibility))
    }
}

impl FromStr for OldClient {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        let (name, login) = match value.split_once('=') {
            Some((name, login)) => (name, Some(path(login)?)),
            None => (value, None),
        };
        let or = |usual: &str| login.clone().unwrap_or_else(|| usual.to_owned());
        match name {
            "weapp-session" if login.is_none() => Ok(Self::WeappSession),
            "weapp-session" => {
                Err("weapp-session has no login URL: it signs in on any call".to_owned())
            }
            "wafer" => Ok(Self::Wafer(or(WAFER_LOGIN))),
            "wafer2" => Ok(Self::Wafer2(or(WAFER2_LOGIN))),
            _ => Err(
                "give weapp-session, wafer or wafer2, as in wafer or wafer=/api/login".to_owned(),
            ),
        }
    }
}

fn path(value: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.~".contains(&byte);
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    let parts = value.strip_prefix('/').map(|rest| rest.split('/'));
    let is_one = parts.is_some_and(|mut parts| parts.all(is_part));
    if !is_one || !value.bytes().all(allowed) {
        let allowed =
            "give a path such as /api/login, of A-Z a-z 0-9 _ - . ~ between single slashes";
        return Err(allowed.to_owned());
    }
    let is_within = |taken: &&str| {
        let rest = value.strip_prefix(*taken);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match TAKEN.into_iter().find(is_within) {
        Some(taken) => Err(format!("{taken} is this server's own; give another path")),
        None => Ok(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{CompatOptions, OldClient, path};
    use crate::compat::Compatibility;

    fn compatibility(value: &str, has_internal: bool) -> Result<Option<Compatibility>, String> {
        let values = value.split(',').filter(|value| !value.is_empty());
        let compat = values.map(str::parse::<OldClient>);
        let compat = compat.collect::<Result<Vec<_>, _>>()?;
        let found = CompatOptions { compat }.compatibility(has_internal);
        found.map_err(|error| error.to_string())
    }

    #[test]
    fn old_clients_are_named_and_sign_in_where_they_are_told_to() {
        let all = Compatibility {
            weapp_session: true,
            wafer: Some("/login".into()),
            wafer2: Some("/weapp/login".into()),
        };
        let found = compatibility("weapp-session,wafer,wafer2", true);
        assert_eq!(found, Ok(Some(all)));
        let moved = Compatibility {
            wafer: Some("/a/b".into()),
            ..Compatibility::default()
        };
        assert_eq!(compatibility("wafer=/a/b", true), Ok(Some(moved)));
        assert_eq!(compatibility("", false), Ok(None));
    }

    #[test]
    fn what_cannot_be_served_is_named_with_its_remedy() {
        for (value, has_internal, remedy) in [
            ("wafer", false, "--internal"),
            ("wafer=/x,wafer2=/x", true, "give two paths"),
            ("wafer3", true, "weapp-session, wafer or wafer2"),
            ("Wafer", true, "weapp-session, wafer or wafer2"),
            ("weapp-session=/login", true, "no login URL"),
            ("wafer=login", true, "give a path"),
            ("wafer2=/wx/login", true, "give another path"),
        ] {
            let error = compatibility(value, has_internal).unwrap_err();
            assert!(error.contains(remedy), "{value}: {error}");
        }
    }

    #[test]
    fn a_login_path_is_plain_and_nobody_elses() {
        for good in ["/login", "/weapp/login", "/a.b/c-d_e~f", "/wxlogin"] {
            assert_eq!(path(good).unwrap(), good);
        }
        for wrong in [
            "",
            "/",
            "login",
            "/login/",
            "//login",
            "/a//b",
            "/../login",
            "/a/./b",
            "/{code}",
            "/{*rest}",
            "/a?b",
            "/a#b",
            "/a%20b",
            "/登录",
            "/wx",
            "/wx/login",
            "/healthz",
        ] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }
}
