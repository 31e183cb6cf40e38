//! Machines with kernels of their own as far as the network goes: a network namespace each, and a cable to one switch.

use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

/// Set for the part of a test that runs in a network of its own.
const INSIDE: &str = "WXSESSION_TEST_IN_A_NETWORK";

/// Where the test itself is: on the switch, with nginx, the phones and WeChat.
pub(crate) const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// Runs the rest of this test in a network of its own, where it may plug and unplug. When it ends, however it ends, the
/// kernel ends all its processes and takes the network away. Returns whether the caller is inside.
pub(crate) fn enter(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        run("mount", &["-t", "tmpfs", "tmpfs", "/run"]);
        run("ip", &["link", "set", "lo", "up"]);
        run("ip", &["link", "add", "switch", "type", "bridge"]);
        run(
            "ip",
            &["address", "add", &format!("{GATEWAY}/24"), "dev", "switch"],
        );
        run("ip", &["link", "set", "switch", "up"]);
        return true;
    }
    let mut inside = Command::new("unshare");
    // Who is not root becomes root of what is made here, and of nothing else.
    if !is_root() {
        inside.arg("--map-root-user");
    }
    let status = inside
        .args(["--net", "--mount", "--pid", "--fork", "--mount-proc"])
        .arg("--kill-child")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .expect("this test needs unshare of util-linux");
    assert!(
        status.success(),
        "failed inside its network; if `unshare --map-root-user --net true` fails, this system forbids namespaces to \
         users (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"
    );
    false
}

/// A machine on the switch.
pub(crate) struct Machine {
    name: String,
    pub(crate) address: Ipv4Addr,
}

impl Machine {
    /// Plugs in a new machine. Its number is the last byte of its address, and above 1.
    pub(crate) fn plug_in(number: u8) -> Self {
        let name = format!("machine-{number}");
        let address = Ipv4Addr::new(10, 77, 0, number);
        let (port, cable) = (format!("port-{number}"), format!("cable-{number}"));
        run("ip", &["netns", "add", &name]);
        run(
            "ip",
            &["link", "add", &port, "type", "veth", "peer", "name", &cable],
        );
        run("ip", &["link", "set", &port, "master", "switch", "up"]);
        run("ip", &["link", "set", &cable, "netns", &name]);
        let machine = Self { name, address };
        let on_it = |arguments: &[&str]| {
            let status = machine.command("ip").args(arguments).status().unwrap();
            assert!(status.success(), "ip {arguments:?}");
        };
        on_it(&["address", "add", &format!("{address}/24"), "dev", &cable]);
        on_it(&["link", "set", "lo", "up"]);
        on_it(&["link", "set", &cable, "up"]);
        machine
    }

    /// A command that runs on this machine, with the whole environment of the test.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.name])
            .arg(program)
            .stdin(Stdio::null());
        command
    }

    /// Cuts the machine off: what is sent to it, or by it, vanishes without an error.
    pub(crate) fn cut_off(&self) {
        run("ip", &["link", "set", &self.port(), "down"]);
    }

    pub(crate) fn reconnect(&self) {
        run("ip", &["link", "set", &self.port(), "up"]);
    }

    fn port(&self) -> String {
        format!("port-{}", self.address.octets()[3])
    }
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output().unwrap();
    answer.stdout.trim_ascii() == b"0"
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    let status = status.unwrap_or_else(|error| panic!("this test needs {program}: {error}"));
    assert!(status.success(), "{program} {arguments:?}");
}
