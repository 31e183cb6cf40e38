//! The log on standard error, which holds nobody up: lines that its reader does not take in time are dropped and counted.
//!
//! A pipe takes 64 KiB and then blocks its writer until somebody reads. So one thread alone writes, and everybody else
//! puts lines into a queue of bounded length.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use metrics::counter;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::measures::LOG_LINES_DROPPED;

/// How many lines wait for the reader. A line has a few hundred bytes.
const QUEUED_LINES: usize = 2048;
/// How long the end of the process waits for the reader.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often it looks whether there is room in the queue.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The log of this process. Its clones share everything.
#[derive(Clone)]
pub(crate) struct Log {
    queue: SyncSender<Entry>,
    /// The lines that were dropped since the last one was written.
    dropped: Arc<AtomicU64>,
}

enum Entry {
    Line(Vec<u8>),
    /// Everything before it has been written once this is dropped.
    Mark(SyncSender<()>),
}

impl Log {
    /// Logs on standard error from now on: what is at least as severe as `level`, and every panic.
    ///
    /// # Errors
    /// There can be no thread that writes.
    pub(crate) fn start(level: LevelFilter) -> io::Result<Self> {
        let log = Self::to(io::stderr())?;
        tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(log.clone())
            .with_ansi(false)
            // It would report them with `eprintln!`, which panics once stderr has no reader.
            .log_internal_errors(false)
            .init();
        // The standard hook writes to stderr itself, and would wait for its reader.
        std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
        Ok(log)
    }

    fn to(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, entries) = sync_channel(QUEUED_LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || write_out(sink, &entries, &counted))?;
        Ok(Self { queue, dropped })
    }

    /// Waits until all lines are written, for a second at most. A line of its own, and not of the events': the last words
    /// of a process that cannot start.
    pub(crate) fn end(&self, last_line: Option<String>) {
        let deadline = Instant::now() + LAST_WORDS;
        let line = last_line.map(|line| Entry::Line((line + "\n").into_bytes()));
        let (mark, written) = sync_channel(0);
        for mut entry in line.into_iter().chain([Entry::Mark(mark)]) {
            while let Err(TrySendError::Full(back)) = self.queue.try_send(entry) {
                if Instant::now() >= deadline {
                    return;
                }
                entry = back;
                sleep(LOOK_EVERY);
            }
        }
        let _ = written.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

/// Takes whole lines: `tracing` writes each event at once.
impl Write for &Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.queue.try_send(Entry::Line(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Relaxed);
            counter!(LOG_LINES_DROPPED).increment(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes lines as fast as the reader takes them. A reader that has gone is no reason to stop.
fn write_out(mut sink: impl Write, entries: &Receiver<Entry>, dropped: &AtomicU64) {
    for entry in entries {
        match entry {
            Entry::Line(line) => {
                let _ = sink.write_all(&line);
            }
            Entry::Mark(mark) => drop(mark),
        }
        // They would have come after those that waited. Told before the next line, which the reader has room for.
        let count = dropped.swap(0, Relaxed);
        if count > 0 {
            let _ = writeln!(
                sink,
                " WARN {count} lines of this log were dropped here: its reader was too slow"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::sync::{Arc, Mutex};

    use super::{Log, QUEUED_LINES};

    /// Takes a line each time it is let to.
    struct Reader {
        taken: Arc<Mutex<Vec<u8>>>,
        turns: Receiver<()>,
    }

    impl Write for Reader {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            // Once nobody lets it wait any longer, it takes everything.
            let _ = self.turns.recv();
            self.taken.lock().unwrap().extend(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log() -> (Log, SyncSender<()>, Arc<Mutex<Vec<u8>>>) {
        let (let_read, turns) = sync_channel(0);
        let taken = Arc::default();
        let reader = Reader {
            taken: Arc::clone(&taken),
            turns,
        };
        (Log::to(reader).unwrap(), let_read, taken)
    }

    #[test]
    fn a_reader_who_stalls_holds_nobody_up_and_is_told_what_was_dropped() {
        let (log, let_read, taken) = log();
        // The writer holds one more.
        for number in 0..QUEUED_LINES + 101 {
            (&log).write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        drop(let_read);
        log.end(Some("last".into()));
        let taken = String::from_utf8(taken.lock().unwrap().clone()).unwrap();
        let (kept, told): (Vec<_>, Vec<_>) = taken.lines().partition(|line| !line.contains("WARN"));
        assert!(kept.len() <= QUEUED_LINES + 2, "{}", kept.len());
        assert_eq!((kept[0], *kept.last().unwrap()), ("0", "last"));
        let dropped: usize = told
            .iter()
            .map(|line| {
                line.split_whitespace()
                    .nth(1)
                    .unwrap()
                    .parse::<usize>()
                    .unwrap()
            })
            .sum();
        assert_eq!(kept.len() - 1 + dropped, QUEUED_LINES + 101);
    }

    #[test]
    fn the_end_waits_for_a_reader_who_stalls_for_a_second_at_most() {
        let (log, _let_read, _) = log();
        (&log).write_all(b"one\n").unwrap();
        let began = std::time::Instant::now();
        log.end(None);
        assert!(began.elapsed() < super::LAST_WORDS * 10);
    }
}
