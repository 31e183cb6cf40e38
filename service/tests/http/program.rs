//! The program as a separate process.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use wxsession_simulator::{App, FakeWeChat};

use crate::common::{Server, client_of_the_server};

/// A secret of the right form.
pub(crate) const SECRET: &str = "5ec5e75ec5e75ec5e75ec5e75ec5e75e";

/// The program with an empty environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wxsession-server"));
    command
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) struct Running {
    /// `None` once the process has been waited for.
    pub(crate) process: Option<Child>,
    pub(crate) server: Server,
    output: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) async fn start(data: &Path, wechat: &FakeWeChat, api: &str) -> Self {
        Self::launch(program(), data, wechat, api)
    }

    /// Starts this command with one mini program.
    pub(crate) fn launch(
        mut command: Command,
        data: &Path,
        wechat: &FakeWeChat,
        api: &str,
    ) -> Self {
        let app = App::simulated();
        command
            .args(["--appid", &app.appid])
            .env("WXSESSION_SECRET", app.secret);
        Self::launch_as_told(command, data, wechat, api)
    }

    /// Starts this command, which already names the mini programs.
    pub(crate) fn launch_as_told(
        mut command: Command,
        data: &Path,
        wechat: &FakeWeChat,
        api: &str,
    ) -> Self {
        let mut process = command
            .args(["--listen", "127.0.0.1:0", "--wechat-api", api])
            .arg("--data")
            .arg(data)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let url = told(&mut output, "listening on ");
        let server = Server {
            url,
            wechat: wechat.clone(),
            http: client_of_the_server(),
        };
        Self {
            process: Some(process),
            server,
            output,
        }
    }

    /// The URL of the internal listener. Call this once: it reads the next line of output.
    pub(crate) fn internal(&mut self) -> String {
        told(&mut self.output, "internal listener on ")
    }

    /// The rest of the next line of output after these words.
    pub(crate) fn said(&mut self, words: &str) -> String {
        told(&mut self.output, words)
    }

    /// Asks the program to stop, as an operating system does.
    pub(crate) fn stop(&self) {
        self.signal("-TERM");
    }

    /// Sends a signal, as `kill` names it.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        let status = Command::new("kill").args([signal, &id]).status();
        assert!(status.unwrap().success());
    }

    /// The resident memory, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident(&self) -> u64 {
        let process = self.process.as_ref().unwrap().id();
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Waits for the exit. Returns the status and the output.
    pub(crate) fn end(mut self) -> Output {
        self.process.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Running {
    /// Kills the process, so that a failed test leaves none behind.
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The rest of the next line after these words.
fn told(output: &mut impl BufRead, words: &str) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim_end().strip_prefix(words).expect(&line).to_owned()
}

/// Writes a file that only its owner can read.
pub(crate) fn secret_file(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Writes a file of these mini programs that only its owner can read.
pub(crate) fn apps_file(folder: &Path, apps: &[App]) -> PathBuf {
    let lines = apps
        .iter()
        .map(|app| format!("{} {}\n", app.appid, app.secret));
    let file = folder.join("apps");
    secret_file(&file, &lines.collect::<String>());
    file
}

/// The error message of a start that must fail.
pub(crate) fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}
