//! nginx as a separate process, with the documented configuration.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use tokio::net::TcpListener;

/// The first code block in this language of a document, with some words replaced.
pub(crate) fn first_block(document: &str, language: &str, replaced: &[(&str, String)]) -> String {
    let (_, after) = document.split_once(&format!("```{language}\n")).unwrap();
    let (block, _) = after.split_once("```").unwrap();
    replaced.iter().fold(block.to_owned(), |block, (from, to)| {
        assert!(block.contains(from), "{from}");
        block.replace(from, to)
    })
}

pub(crate) async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// Runs until this value is dropped.
pub(crate) struct Nginx {
    process: Child,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts nginx with this server block.
    pub(crate) fn start(server: &str) -> Self {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {name};\n"))
            .concat();
        // Root of a network of its own is no other user, so the workers stay what the master is.
        let whole = format!(
            "user root;\ndaemon off;\npid nginx.pid;\nerror_log nginx.log;\nworker_processes 1;\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}\n{server}\n}}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nginx.conf");
        fs::write(&path, whole).unwrap();
        // Debian installs nginx in a folder that only root's PATH has.
        let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"];
        let program = program.into_iter().find(|path| Path::new(path).exists());
        let process = Command::new(program.unwrap_or("nginx"))
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&path)
            .args(["-e", "nginx.log"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs nginx: apt-get install --no-install-recommends nginx-light");
        Self {
            process,
            _folder: folder,
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked to stop, the master ends its workers; killed, the master would leave them running.
        let _ = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        let _ = self.process.wait();
    }
}

/// Repeats the request until nginx listens, and returns the answer.
pub(crate) async fn first_answer(ask: RequestBuilder) -> Response {
    for _ in 0..6000 {
        if let Ok(answer) = ask.try_clone().unwrap().send().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nginx does not listen");
}
