//! Commands that are ready at the same time go to Redis together.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The work of a connection, put behind everything else that is ready.
///
/// Tokio runs next what a task wakes. So the first of many requests would have its command sent before the others have run,
/// and each a system call of its own, which costs more than the rest of the call; so would Redis's answer.
pub(super) struct InBatches<F> {
    work: Pin<Box<F>>,
    /// Whether the others have had their turn.
    is_its_turn: bool,
}

impl<F> InBatches<F> {
    pub(super) fn new(work: F) -> Self {
        Self {
            work: Box::pin(work),
            is_its_turn: false,
        }
    }
}

impl<F: Future> Future for InBatches<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if mem::take(&mut self.is_its_turn) {
            return self.work.as_mut().poll(context);
        }
        self.is_its_turn = true;
        // A task that wakes itself goes to the end of the queue.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::mpsc;

    use super::InBatches;

    const REQUESTS: usize = 20;

    /// The sizes of the batches in which the commands of requests are sent that come at the same time.
    async fn batches<D>(driver: impl FnOnce(Sending) -> D) -> Vec<usize>
    where
        D: Future<Output = ()> + Send + 'static,
    {
        let (sender, commands) = mpsc::channel(REQUESTS);
        let sent = Arc::new(Mutex::new(Vec::new()));
        let sending = driver(Box::pin(send(commands, Arc::clone(&sent))));
        let requests = async move {
            let driver = tokio::spawn(sending);
            tokio::task::yield_now().await;
            for request in 0..REQUESTS {
                let sender = sender.clone();
                tokio::spawn(async move { sender.send(request).await });
            }
            drop(sender);
            driver.await.unwrap();
        };
        tokio::spawn(requests).await.unwrap();
        let sent = sent.lock().unwrap();
        sent.clone()
    }

    type Sending = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

    async fn send(mut commands: mpsc::Receiver<usize>, sent: Arc<Mutex<Vec<usize>>>) {
        let mut batch = Vec::new();
        while commands.recv_many(&mut batch, REQUESTS).await > 0 {
            sent.lock().unwrap().push(batch.drain(..).count());
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_is_ready_at_the_same_time_is_sent_together() {
        assert_eq!(batches(InBatches::new).await, [REQUESTS]);
        // Without it the first go alone. Should Tokio change that, this file can go.
        assert_ne!(batches(|driver| driver).await, [REQUESTS]);
    }
}
