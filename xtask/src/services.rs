//! Servers that a command starts, and that end with it.

use std::fs;
use std::process::{Child, Command, Stdio, exit};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::log;
use crate::project::Project;

/// What a service prints when it is ready, before its URL.
const READY: &str = "listening on ";

/// How long a service may take to start.
const TIME_TO_START: Duration = Duration::from_secs(60);

/// How long a service may take to stop when it is asked to, before it is made to.
const TIME_TO_STOP: Duration = Duration::from_secs(5);

/// How often a service is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// A service that runs.
#[derive(Clone)]
pub struct Service {
    /// Its process.
    pub process: u32,
    /// Where it listens, without a slash at the end.
    pub url: String,
}

/// The services that run; they are stopped when this goes.
#[derive(Default)]
pub struct Services {
    running: Arc<Mutex<Vec<Child>>>,
}

impl Services {
    /// Stops everything and exits when this process is told to end, by ctrl-c or otherwise.
    ///
    /// # Errors
    /// The system refuses the handler.
    pub fn stop_on_signals(&self) -> Result<()> {
        let running = Arc::clone(&self.running);
        ctrlc::set_handler(move || {
            stop(&mut lock(&running));
            exit(130);
        })
        .context("listening for ctrl-c")
    }

    /// Starts a service and waits until it says where it listens.
    ///
    /// # Errors
    /// It cannot be started, ends, or says nothing in time; what it printed is in the message.
    pub fn start(&self, project: &Project, name: &str, command: &mut Command) -> Result<Service> {
        let (process, url) = self.start_until(project, name, command, |printed| {
            url_in(printed).map(str::to_owned)
        })?;
        Ok(Service { process, url })
    }

    /// Starts a process and waits until what it has printed tells what is asked for.
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
            // Asked before its words are read, so that its last ones are not missed.
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

    /// Whether a process that was started here runs no more.
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

/// Asks each service to end, the last one first, and makes those that do not.
fn stop(running: &mut Vec<Child>) {
    while let Some(mut child) = running.pop() {
        // The standard library can only kill, and the server is to close its store.
        let asked = Command::new("kill")
            .arg(child.id().to_string())
            .stderr(Stdio::null())
            .status();
        let deadline = Instant::now() + TIME_TO_STOP;
        while asked.is_ok() && matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
        // Both fail only where it has ended already.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn lock(running: &Mutex<Vec<Child>>) -> MutexGuard<'_, Vec<Child>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

fn url_in(printed: &str) -> Option<&str> {
    let (_, rest) = printed.split_once(READY)?;
    // Until the line has ended, the URL may be half of one.
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
