//! One server: on which connection reads and writes go, and when a write is done.

use redis::{Cmd, Pipeline, Value};
use tokio::runtime::{self, Handle};
use tokio::time::Instant;

use super::dial::Dialer;
use super::health::CallError;
use super::link::{Link, Target};
use super::replicated::ReplicatedWrites;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It changes nothing.
    Read,
    /// It changes a value. Replicas may have to have the change.
    Write,
}

/// A server by its connections.
#[derive(Debug)]
pub(super) struct Server {
    link: Link,
    /// Further connections, for reads alone.
    lanes: Vec<Lane>,
    /// `None` where writes wait for no replica, and share the connection of the reads.
    writes: Option<ReplicatedWrites>,
}

/// A connection that is used in one runtime alone. Where that is one thread, no other one has to be woken for a call.
#[derive(Debug)]
struct Lane {
    runtime: runtime::Id,
    link: Link,
}

impl Server {
    /// Starts to connect to a server whose writes are done once this many replicas have them. Must be called in a Tokio
    /// runtime.
    pub(super) fn new<T: Target>(target: impl Fn() -> T, dialer: &Dialer, replicas: u8) -> Self {
        let link = || Link::new(target(), dialer.clone());
        Self {
            link: link(),
            lanes: Vec::new(),
            writes: (replicas > 0).then(|| ReplicatedWrites::new(link(), replicas)),
        }
    }

    /// The same with a connection more for each of these runtimes.
    pub(super) fn with_lanes<T: Target>(
        self,
        target: impl Fn() -> T,
        dialer: &Dialer,
        runtimes: &[Handle],
    ) -> Self {
        let lanes = runtimes.iter().map(|runtime| {
            let _inside = runtime.enter();
            Lane {
                runtime: runtime.id(),
                link: Link::silent(target(), dialer.clone()),
            }
        });
        Self {
            lanes: lanes.collect(),
            ..self
        }
    }

    /// The connection for reads from here: the common one where there is no other, or where Redis has no place for it.
    fn lane(&self) -> &Link {
        if self.lanes.is_empty() {
            return &self.link;
        }
        let here = Handle::current().id();
        let lane = self.lanes.iter().find(|lane| lane.runtime == here);
        let lane = lane.filter(|lane| !lane.link.is_down());
        lane.map_or(&self.link, |lane| &lane.link)
    }

    /// Sends a command and waits for the answer until the deadline.
    pub(super) async fn send(
        &self,
        kind: Kind,
        command: &Cmd,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        match (kind, &self.writes) {
            (Kind::Write, Some(writes)) => writes.send(vec![command.clone()], deadline).await,
            (Kind::Write, None) => self.link.send(command, deadline).await,
            (Kind::Read, _) => self.lane().send(command, deadline).await,
        }
    }

    /// Sends commands in one piece, none of which waits for a replica, and waits for all answers until the deadline.
    pub(super) async fn send_together(
        &self,
        commands: &Pipeline,
        deadline: Instant,
    ) -> Result<Vec<Result<Value, CallError>>, CallError> {
        self.link.send_together(commands, deadline).await
    }

    /// Sends a command on a key that is being moved to this server.
    pub(super) async fn send_asking(
        &self,
        kind: Kind,
        command: &Cmd,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        // In one piece, because `ASKING` holds for the command that comes next.
        let commands = vec![redis::cmd("ASKING"), command.clone()];
        if let (Kind::Write, Some(writes)) = (kind, &self.writes) {
            return writes.send(commands, deadline).await;
        }
        let mut together = Pipeline::with_capacity(commands.len());
        for command in commands {
            together.add_command(command);
        }
        let mut answers = self.link.send_together(&together, deadline).await?;
        answers.pop().unwrap_or(Ok(Value::Nil))
    }
}
