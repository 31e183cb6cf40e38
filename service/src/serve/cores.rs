//! Threads that serve connections, one for each core.
//!
//! Each has a runtime of its own. What a request waits for wakes its thread alone, and all that is ready is done before it
//! asks the system again; a runtime of several threads hands tasks from one to another, which takes longer than most requests
//! do. Everything that is not a connection runs in the program's own runtime, and so do connections where there is one core.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The threads. Dropping them ends what still runs in them, and waits for that.
#[derive(Default)]
pub(crate) struct Cores {
    cores: Vec<Core>,
}

struct Core {
    runtime: Handle,
    /// How many connections it serves.
    serving: Arc<AtomicUsize>,
    /// Dropped to end the thread.
    running: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Cores {
    /// A thread for each core of the machine, if there are several.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn start() -> io::Result<Self> {
        match thread::available_parallelism().map_or(1, usize::from) {
            1 => Ok(Self::default()),
            several => Self::of(several),
        }
    }

    fn of(count: usize) -> io::Result<Self> {
        let cores = (0..count)
            .map(|_| Core::start())
            .collect::<io::Result<_>>()?;
        Ok(Self { cores })
    }

    /// Their runtimes.
    pub(crate) fn runtimes(&self) -> Vec<Handle> {
        let cores = self.cores.iter();
        cores.map(|core| core.runtime.clone()).collect()
    }

    /// Serves a connection in the thread that serves the fewest.
    pub(super) fn serve(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let idlest = self
            .cores
            .iter()
            .min_by_key(|core| core.serving.load(Relaxed));
        match idlest {
            None => drop(tokio::spawn(connection)),
            Some(core) => {
                let served = Served::by(core);
                core.runtime.spawn(async move {
                    connection.await;
                    drop(served);
                });
            }
        }
    }
}

impl Core {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("connections".into());
        let thread = thread.spawn(move || {
            // It ends when the sender is dropped.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self {
            runtime: handle,
            serving: Arc::default(),
            running: Some(running),
            thread: Some(thread),
        })
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        for core in &mut self.cores {
            core.running.take();
        }
        // Waited for, because their tasks hold the store, which is closed in order once nobody does.
        for thread in self.cores.iter_mut().filter_map(|core| core.thread.take()) {
            // A panic has been logged already.
            let _ = thread.join();
        }
    }
}

/// Counts a connection while it is served.
struct Served(Arc<AtomicUsize>);

impl Served {
    fn by(core: &Core) -> Self {
        core.serving.fetch_add(1, Relaxed);
        Self(Arc::clone(&core.serving))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::thread;

    use tokio::sync::{Barrier, mpsc};

    use super::Cores;

    #[tokio::test]
    async fn connections_that_stay_are_spread_evenly() {
        const CORES: usize = 3;
        const EACH: usize = 4;
        let cores = Cores::of(CORES).unwrap();
        let all_there = Arc::new(Barrier::new(CORES * EACH));
        let (sender, mut threads) = mpsc::unbounded_channel();
        for _ in 0..CORES * EACH {
            let (sender, all_there) = (sender.clone(), Arc::clone(&all_there));
            cores.serve(async move {
                all_there.wait().await;
                sender.send(thread::current().id()).unwrap();
            });
        }
        drop(sender);
        let mut served = HashMap::new();
        while let Some(thread) = threads.recv().await {
            *served.entry(thread).or_insert(0) += 1;
        }
        assert!(served.len() == CORES && served.values().all(|count| *count == EACH));
    }

    #[tokio::test]
    async fn what_a_connection_holds_is_free_once_the_threads_are_gone() {
        let cores = Cores::of(2).unwrap();
        let held = Arc::new(());
        for _ in 0..5 {
            let held = Arc::clone(&held);
            cores.serve(async move {
                let _held = held;
                std::future::pending::<()>().await;
            });
        }
        drop(cores);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
