//! One server: on which connection reads and writes go, and when a write is done.

use redis::{Cmd, Pipeline, Value};
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
    /// `None` where writes wait for no replica, and share the connection of the reads.
    writes: Option<ReplicatedWrites>,
}

impl Server {
    /// Starts to connect to a server whose writes are done once this many replicas have them. Must be called in a Tokio
    /// runtime.
    pub(super) fn new<T: Target>(target: impl Fn() -> T, dialer: &Dialer, replicas: u8) -> Self {
        let link = || Link::new(target(), dialer.clone());
        Self {
            link: link(),
            writes: (replicas > 0).then(|| ReplicatedWrites::new(link(), replicas)),
        }
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
            _ => self.link.send(command, deadline).await,
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
