//! The stop of the server, as a connection waits for it.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::sync::watch;

/// Resolves when the server stops. It is asked several times a request, and [`watch::Receiver::changed`] takes a lock each
/// time; once that knows whom to wake, a glance is enough.
pub(super) struct Stopping {
    glance: watch::Receiver<()>,
    change: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Who is woken by the change.
    waiting: Option<Waker>,
}

impl Stopping {
    pub(super) fn new(mut stop: watch::Receiver<()>) -> Self {
        Self {
            glance: stop.clone(),
            change: Box::pin(async move {
                // A dropped sender means a stop, too.
                let _ = stop.changed().await;
            }),
            waiting: None,
        }
    }
}

impl Future for Stopping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let waiting = self.waiting.as_ref();
        if waiting.is_some_and(|waiting| waiting.will_wake(context.waker())) {
            return match self.glance.has_changed() {
                Ok(false) => Poll::Pending,
                Ok(true) | Err(_) => Poll::Ready(()),
            };
        }
        self.waiting = Some(context.waker().clone());
        self.change.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::{Context, Poll, Wake, Waker};

    use tokio::sync::watch;

    use super::Stopping;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn the_task_that_waited_last_is_woken_by_a_stop_and_sees_it() {
        let (first, last) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
        for is_dropped in [false, true] {
            let sender = watch::Sender::new(());
            let mut stopping = pin!(Stopping::new(sender.subscribe()));
            let wakers = [&first, &last].map(|woken| Waker::from(Arc::clone(woken)));
            let mut poll = |waker: &Waker| stopping.as_mut().poll(&mut Context::from_waker(waker));
            for waker in [&wakers[0], &wakers[1], &wakers[1]] {
                assert_eq!(poll(waker), Poll::Pending);
            }
            match is_dropped {
                true => drop(sender),
                false => sender.send_replace(()),
            }
            assert_eq!(poll(&wakers[1]), Poll::Ready(()));
        }
        assert_eq!((first.0.load(Relaxed), last.0.load(Relaxed)), (0, 2));
    }
}
