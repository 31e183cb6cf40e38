//! Servers that a command starts and that stop with the command.

use std::fs;
use std::process::{Child, Command, Stdio, exit};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::log;
use crate::project::Project;

/// A ready service prints these words before its URL.
const READY: &str = "listening on ";

/// How long a service may take to start.
const TIME_TO_START: Duration = Duration::from_secs(60);

/// How long a service may take to stop before it is killed.
const TIME_TO_STOP: Duration = Duration::from_secs(5);

/// How often to check on a service.
const GLANCE: Duration = Duration::from_millis(20);

/// A running service.
#[derive(Clone)]
pub struct Service {
    /// The service's process.
    pub process: u32,
    /// The URL, without a trailing slash.
    pub url: String,
}

/// The running services. Dropping this value stops them.
#[derive(Default)]
pub struct Services {
    running: Arc<Mutex<Vec<Child>>>,
}

impl Services {
    /// Stops all services and exits on Ctrl-C or another signal to end.
    ///
    /// # Errors
    /// The signal handler cannot be installed.
    pub fn stop_on_signals(&self) -> Result<()> {
        let running = Arc::clone(&self.running);
        ctrlc::set_handler(move || {
            stop(&mut lock(&running));
            exit(130);
        })
        .context("listening for ctrl-c")
    }

    /// Starts a service and waits until the service prints its URL.
    ///
    /// # Errors
    /// The service cannot be started, exits, or prints no URL in time; the message has its output.
    pub fn start(&self, project: &Project, name: &str, command: &mut Command) -> Result<Service> {
        let (process, url) = self.start_until(project, name, command, |printed| {
            url_in(printed).map(str::to_owned)
        })?;
        Ok(Service { process, url })
    }

    /// Starts a process and waits until its output has what is asked for.
    ///
    /// # Errors
    /// As [`Services::start`].
    pub fn start_until<T>(
        &self,
        project: &Project,
        name: &str,
        command: &mut Command,
        told: impl Fn(&str) -> Option<T>,
    ) -> Result<(u32, T)> {
        let (file, path) = log(project, name)?;
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        let child = command
            .spawn()
            .with_context(|| format!("starting the {name}"))?;
        let pid = child.id();
        lock(&self.running).push(child);
        let started = Instant::now();
        loop {
            // Checked before the output is read, so that the last output is not missed.
            let over = self.has_ended(pid) || started.elapsed() > TIME_TO_START;
            let printed = fs::read_to_string(&path)?;
            if let Some(told) = told(&printed) {
                return Ok((pid, told));
            }
            if over {
                bail!(
                    "the {name} did not start; it printed:\n{}",
                    printed.trim_end()
                );
            }
            thread::sleep(GLANCE);
        }
    }

    /// Whether a process that was started here has exited.
    pub fn has_ended(&self, pid: u32) -> bool {
        let mut running = lock(&self.running);
        let child = running.iter_mut().find(|child| child.id() == pid);
        child.is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        stop(&mut lock(&self.running));
    }
}

/// Asks each service to stop, the latest first, and kills those that do not.
fn stop(running: &mut Vec<Child>) {
    while let Some(mut child) = running.pop() {
        // The standard library can only kill, but the server must close its store.
        let asked = Command::new("kill")
            .arg(child.id().to_string())
            .stderr(Stdio::null())
            .status();
        let deadline = Instant::now() + TIME_TO_STOP;
        while asked.is_ok() && matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
        // Both fail only if the process has exited already.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn lock(running: &Mutex<Vec<Child>>) -> MutexGuard<'_, Vec<Child>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

fn url_in(printed: &str) -> Option<&str> {
    let (_, rest) = printed.split_once(READY)?;
    // Before the end of the line, the URL may be incomplete.
    rest.split_once('\n').map(|(line, _)| line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_only_once_its_line_has_ended() {
        assert_eq!(url_in("starting\nlistening on http://127.0.0.1:81"), None);
        assert_eq!(
            url_in("starting\nlistening on http://127.0.0.1:8123\nmore\n"),
            Some("http://127.0.0.1:8123")
        );
        assert_eq!(url_in("nothing yet\n"), None);
    }
}
