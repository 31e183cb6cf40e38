//! Writes that are done once replicas have them, too.
//!
//! `WAIT` holds up whatever follows it on its connection. So these writes have a connection of their own, and no read waits
//! for a replica. Writes that come while others wait for the replicas go out together, under one `WAIT`.

use std::time::Duration;

use redis::{Cmd, Pipeline, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::health::CallError;
use super::link::Link;

/// Of the time until a write's deadline, replicas get this share. The rest is for the answer that there are too few.
const SHARE: f64 = 0.8;
/// `WAIT` takes zero for ever.
const LEAST_PATIENCE: Duration = Duration::from_millis(1);
/// How many writes share one `WAIT`.
const TOGETHER: usize = 256;
/// How many writes may wait. A store has fewer calls in flight.
const WAITING: usize = 4096;

/// The writes to one server.
#[derive(Debug)]
pub(super) struct ReplicatedWrites {
    queue: mpsc::Sender<Write>,
    /// Dropped with the writes, which stops it.
    _writer: JoinSet<()>,
}

struct Write {
    /// The last one is the write itself.
    commands: Vec<Cmd>,
    deadline: Instant,
    answer: oneshot::Sender<Result<Value, CallError>>,
}

impl ReplicatedWrites {
    /// Writes over a link that nothing else uses, for this many replicas. Must be called in a Tokio runtime.
    pub(super) fn new(link: Link, replicas: u8) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let mut writer = JoinSet::new();
        writer.spawn(write(link, replicas, waiting));
        Self {
            queue,
            _writer: writer,
        }
    }

    /// Sends these commands, of which the last one is the write, and returns its answer once the replicas have it.
    pub(super) async fn send(
        &self,
        commands: Vec<Cmd>,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        let (answer, answered) = oneshot::channel();
        let write = Write {
            commands,
            deadline,
            answer,
        };
        self.queue.try_send(write).map_err(|_| CallError::Late)?;
        match timeout_at(deadline, answered).await {
            Ok(Ok(answer)) => answer,
            // The writer ends only with the runtime.
            Ok(Err(_)) | Err(_) => Err(CallError::Late),
        }
    }
}

async fn write(link: Link, replicas: u8, mut queue: mpsc::Receiver<Write>) {
    let mut writes = Vec::new();
    while queue.recv_many(&mut writes, TOGETHER).await > 0 {
        // A write that has been reported as late is not made after that.
        writes.retain(|write| !write.answer.is_closed());
        let deadlines = || writes.iter().map(|write| write.deadline);
        let (Some(first), Some(deadline)) = (deadlines().min(), deadlines().max()) else {
            continue;
        };
        let patience = first.duration_since(Instant::now()).mul_f64(SHARE);
        let together = together(&writes, replicas, patience.max(LEAST_PATIENCE));
        let answers = link.send_together(&together, deadline).await;
        answer(writes.drain(..), answers, replicas);
    }
}

fn together(writes: &[Write], replicas: u8, patience: Duration) -> Pipeline {
    let mut together = Pipeline::new();
    for command in writes.iter().flat_map(|write| &write.commands) {
        together.add_command(command.clone());
    }
    let milliseconds = patience.as_millis() as u64;
    together.cmd("WAIT").arg(replicas).arg(milliseconds);
    together
}

/// Answers each write with its own answer, if the replicas have all of them.
fn answer(
    writes: impl Iterator<Item = Write>,
    answers: Result<Vec<Result<Value, CallError>>, CallError>,
    replicas: u8,
) {
    let (mut answers, replicated) = match answers {
        Ok(mut answers) => {
            let replicated = replicated(answers.pop(), replicas);
            (answers.into_iter(), replicated)
        }
        Err(failure) => (Vec::new().into_iter(), Err(failure)),
    };
    for write in writes {
        let own = answers.by_ref().take(write.commands.len()).last();
        let answer = match (own, &replicated) {
            (Some(Ok(answer)), Ok(())) => Ok(answer),
            (Some(Err(refused)), _) => Err(refused),
            (_, Err(failure)) => Err(failure.clone()),
            (None, Ok(())) => Err(CallError::Late),
        };
        // Nobody may wait any longer.
        let _ = write.answer.send(answer);
    }
}

/// What `WAIT` says.
fn replicated(answer: Option<Result<Value, CallError>>, wanted: u8) -> Result<(), CallError> {
    match answer.unwrap_or(Err(CallError::Late))? {
        Value::Int(have) if have >= i64::from(wanted) => Ok(()),
        Value::Int(have) => Err(CallError::Unreplicated { have, wanted }),
        _ => Err(CallError::Unreplicated { have: 0, wanted }),
    }
}
