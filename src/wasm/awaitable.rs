//! The client for a mini program whose own logic is written in Rust: the machines of this crate over the global
//! `wx`, awaitable.
//!
//! What comes from wx comes as promises: JavaScript may settle one late, twice or never, and no closure of ours is
//! left to be called when its owner is gone. What the core settles comes through wakers, for it never leaves Rust.
//! In either case the caller goes on in a later turn, when what it was told may hold no longer: so it looks, and
//! asks again where it must.

mod error;
mod host;
mod options;
mod request;
mod tickets;
mod wx;

use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;

pub use self::error::{Cause, Error};
use self::host::WxHost;
pub use self::options::Options;
use self::options::StorageKey;
pub use self::request::{Answer, Request};
use self::tickets::{Settled, Waiting};
use crate::client::Client;
use crate::flow::{Generation, Phase, Ticket, Want};
use crate::host::Host;

/// One session with one server, for a mini program written in Rust.
///
/// Such a program is a module of its own, made with wasm-bindgen, and this crate a library in it, with the feature
/// `async`. The rules are those of the package: one sign-in for many callers, one more send after a refusal, the
/// session to trusted origins only. It needs the globals `wx`, `setTimeout` and `clearTimeout`; whatever they do,
/// nothing here panics or throws.
///
/// As with all futures, nothing happens before one is polled; dropped, it is a call that is aborted, and leaves
/// the others alone. Clones are handles of the same session, and with the last of them goes all that is under way.
///
/// ```no_run,standalone_crate
/// use wasm_bindgen::JsValue;
/// use wxsession::error::ErrorCode;
/// use wxsession::wasm::{Error, Options, Request, Session};
///
/// async fn products(session: &Session) -> Result<JsValue, Error> {
///     let request = Request::get("https://api.example.com/wx/products/list");
///     let answer = session.request(&request).await?;
///     Ok(answer.body())
/// }
///
/// # async fn program() -> Result<(), Error> {
/// // One for the whole program.
/// let session = Session::new(Options::new("https://api.example.com/wx/onlogin"))?;
/// match products(&session).await {
///     // Another device signed in; only at the user's own wish does this one sign in again.
///     Err(error) if error.code == ErrorCode::SessionReplaced => session.login(false).await?,
///     other => drop(other?),
/// }
/// session.logout().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session(Rc<Inner>);

struct Inner {
    client: Client<Rc<WxHost>>,
    host: Rc<WxHost>,
    /// Held as long as the session lives.
    _key: StorageKey,
}

/// What a call is sent with.
struct Pass {
    id: String,
    generation: Generation,
}

impl Session {
    /// A session with what storage kept of it; nothing is sent yet.
    ///
    /// # Errors
    /// `invalid_option` where an option is wrong, with its name in the cause; `storage_key_in_use` where
    /// another session lives under the same key.
    pub fn new(options: Options) -> Result<Self, Error> {
        let key = options.check()?;
        let stored = wx::stored(&options.storage_key);
        let (login_url, deadlines) = (options.login_url.clone(), options.deadlines());
        let origins = options.origins.clone();
        let inner = Rc::new_cyclic(|inner| {
            let host = Rc::new(WxHost::new(options, inner.clone()));
            let client = Client::new(host.clone(), login_url, deadlines, stored);
            Inner {
                client,
                host,
                _key: key,
            }
        });
        for origin in origins {
            inner.client.trust(&origin);
        }
        inner.client.start();
        Ok(Self(inner))
    }

    /// As `wx.request`, with the session: signs in first where needed, and once more if it has expired. To an
    /// origin that is not trusted the call goes bare. As for wx, every status is a success.
    ///
    /// # Errors
    /// `request_failed` where wx failed the call; else what the sign-in failed with, or why there is none.
    pub async fn request(&self, request: &Request) -> Result<Answer, Error> {
        let client = &self.0.client;
        if request.is_bare || !client.carries(&request.url) {
            return request.send(None).await;
        }
        let header = &self.0.host.options().session_header;
        let mut pass = self.pass().await?;
        let mut is_second = false;
        loop {
            let answer = request.send(Some((header, &pass.id))).await?;
            let Some(refusal) = answer.refusal() else {
                return Ok(answer);
            };
            let refused = |ticket, _| client.refused(ticket, pass.generation, is_second, refusal);
            match self.ask(refused).await? {
                Some(next) => pass = next,
                None => return Ok(answer),
            }
            is_second = true;
        }
    }

    /// Signs in if there is no session; if `is_forced`, in any case.
    ///
    /// # Errors
    /// What the sign-in failed with; `signed_out` if the app signs out meanwhile.
    pub async fn login(&self, is_forced: bool) -> Result<(), Error> {
        let want = if is_forced {
            Want::NewLogin
        } else {
            Want::Login
        };
        match self.wait(|ticket| self.0.client.want(ticket, want)).await {
            Settled::Fail(error) => Err(error),
            Settled::Go(_) | Settled::Deliver => Ok(()),
        }
    }

    /// Ends the session: here at once, on the server if it can be reached within the time of an exchange. Later
    /// calls fail with `signed_out` until [`login`](Self::login) or the next launch.
    pub async fn logout(&self) {
        self.0.client.leave();
        if let Some(ending) = self.0.host.take_ending() {
            // Whether it came to an end there makes no difference here.
            let _ = JsFuture::from(ending).await;
        }
    }

    /// What the session is doing.
    pub fn phase(&self) -> Phase {
        self.0.host.phase()
    }

    /// A session for a call: the live one at once, or the one that comes of asking.
    async fn pass(&self) -> Result<Pass, Error> {
        let client = &self.0.client;
        if let Some(pass) = client
            .admit(self.0.host.now())
            .and_then(|generation| self.standing(generation))
        {
            return Ok(pass);
        }
        let question = |ticket, told| match told {
            Some(generation) => client.want_again(ticket, generation),
            None => client.want(ticket, Want::Call),
        };
        loop {
            // A call that holds no refusal has nothing delivered.
            if let Some(pass) = self.ask(question).await? {
                return Ok(pass);
            }
        }
    }

    /// The session to send with, or `None` where the refusal is for the caller. When the caller comes to it, the
    /// session that it was told of may be replaced or signed out of: then the question stands, and the core
    /// answers it by what holds now and by what was told before.
    async fn ask(
        &self,
        question: impl Fn(Ticket, Option<Generation>),
    ) -> Result<Option<Pass>, Error> {
        let mut told = None;
        loop {
            match self.wait(|ticket| question(ticket, told)).await {
                Settled::Go(generation) => {
                    if let Some(pass) = self.standing(generation) {
                        return Ok(Some(pass));
                    }
                    told = Some(generation);
                }
                Settled::Deliver => return Ok(None),
                Settled::Fail(error) => return Err(error),
            }
        }
    }

    /// The session of that generation, if it still stands.
    fn standing(&self, generation: Generation) -> Option<Pass> {
        let client = &self.0.client;
        let id = client.id().filter(|_| client.generation() == generation)?;
        Some(Pass { id, generation })
    }

    /// Puts a question with a ticket and waits for its answer.
    fn wait(&self, question: impl Fn(Ticket)) -> Waiting<'_> {
        let waiting = Waiting::new(&self.0.client, self.0.host.tickets());
        question(waiting.ticket());
        waiting
    }
}
