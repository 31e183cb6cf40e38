//! Work on a thread of its own, which gives way to the threads that serve requests.
//!
//! A thread for each piece of work: starting one takes less than a thousandth of a hash, and Tokio's own threads for
//! blocking work stay free for the store.

use std::thread;

use tokio::sync::oneshot;

/// How far the thread steps back. Next to a thread that serves requests it gets a tenth of a core: a hash takes half a
/// second while all cores are busy, and no longer than usual otherwise.
#[cfg(target_os = "linux")]
const STEP_BACK: i32 = 10;

/// Linux cuts longer names.
const NAME: &str = "password-hash";

/// Does this work beside everything else. Returns nothing if the system gives no thread, or the work panics.
pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, done) = oneshot::channel();
    let thread = thread::Builder::new().name(NAME.to_owned());
    let spawned = thread.spawn(move || {
        give_way();
        // Nobody may wait any longer.
        let _ = sender.send(work());
    });
    spawned.ok()?;
    done.await.ok()
}

/// Lowers the priority of this thread alone, which only Linux can do by a nice value. A system that refuses runs the
/// work at the usual priority.
#[cfg(target_os = "linux")]
fn give_way() {
    let _ = rustix::process::nice(STEP_BACK);
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::spawn_blocking;

    use super::in_background;

    #[test]
    fn the_work_takes_no_thread_from_others() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let (release, released) = mpsc::channel::<()>();
        let occupied = runtime.spawn(spawn_blocking_on(released));
        assert_eq!(runtime.block_on(in_background(|| 42)), Some(42));
        drop(release);
        runtime.block_on(occupied).unwrap();
    }

    async fn spawn_blocking_on(released: mpsc::Receiver<()>) {
        let _ = spawn_blocking(move || released.recv()).await.unwrap();
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_thread_steps_back_and_the_others_stay() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let in_the_background = in_background(nice).await.unwrap();
        assert_eq!(in_the_background, (before + super::STEP_BACK).min(19));
        assert_eq!(nice(), before);
    }

    #[tokio::test]
    async fn work_that_panics_is_no_answer() {
        let work = || -> u32 { panic!("on purpose") };
        assert_eq!(in_background(work).await, None);
    }
}
