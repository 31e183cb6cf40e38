//! Opens the store on a thread of its own. A file that was not closed properly is read as a whole first, which takes minutes
//! if it is large, and the server listens meanwhile.

use std::sync::Arc;
use std::thread;

use anyhow::Context;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use wxsession_server::ring::KeyRing;
use wxsession_server::store::Store;

/// A file of fewer bytes is read in a moment: no client need be told to come back later.
const LARGE: u64 = 64 << 20;

/// A store with its key ring.
pub(crate) type Opened = (Arc<dyn Store>, KeyRing);

/// A store that is being opened.
pub(crate) struct Opening {
    opened: oneshot::Receiver<anyhow::Result<Opened>>,
    takes_long: Arc<Notify>,
}

impl Opening {
    /// Begins to open a store by `open`, which tells its argument how many bytes there are to read before it reads them. Must
    /// be called in a Tokio runtime.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn start(
        open: impl FnOnce(Box<dyn Fn(u64)>) -> anyhow::Result<Opened> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let takes_long = Arc::new(Notify::new());
        let (telling, waited_for) = (Arc::clone(&takes_long), oneshot::channel());
        let (runtime, (ended, opened)) = (Handle::current(), waited_for);
        let run = move || {
            let _inside = runtime.enter();
            let reads = move |bytes| {
                if bytes >= LARGE {
                    telling.notify_one();
                }
            };
            // Nobody waits for it once the server was asked to stop.
            let _ = ended.send(open(Box::new(reads)));
        };
        // No task of Tokio's: a stop would wait for its end.
        let thread = thread::Builder::new().name("store-opening".into());
        thread
            .spawn(run)
            .context("the store cannot be opened on a thread of its own")?;
        Ok(Self { opened, takes_long })
    }

    /// Resolves once it is certain that nobody else uses the store and that opening it takes long.
    pub(crate) fn takes_long(&self) -> impl Future<Output = ()> + use<> {
        let takes_long = Arc::clone(&self.takes_long);
        async move { takes_long.notified().await }
    }

    /// Resolves with the open store.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub(crate) async fn ended(self) -> anyhow::Result<Opened> {
        self.opened.await.context("opening the store broke off")?
    }
}
