//! One session, and what a program may ask of it.

use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;
use wxsession::client::Client;
use wxsession::flow::{Generation, Phase, Sent, Ticket, Want};

use crate::answer::Answer;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::host::WxHost;
use crate::options::Options;
use crate::request::Request;
use crate::signing::Signing;
use crate::storage_key::StorageKey;
use crate::tickets::{Settled, Waiting};
use crate::wx;

/// One session with one server.
///
/// Clones are handles to the same session; dropping the last one abandons everything under way. As with all futures,
/// nothing happens before the first poll. Dropping a future aborts that call and leaves the others alone.
#[derive(Clone)]
pub struct Session(Rc<Client<WxHost>>);

/// What a call is sent with.
struct Pass {
    id: String,
    generation: Generation,
}

impl Session {
    /// Creates a session and restores what storage kept of it. Sends nothing yet.
    ///
    /// # Errors
    /// `invalid_option` if an option is wrong; the cause names it. `storage_key_in_use` if another session lives under
    /// the same key.
    pub fn new(options: Options) -> Result<Self, Error> {
        options.check()?;
        let key = StorageKey::take(&options.storage_key)?;
        let signing = Signing::new(&options);
        let stored = wx::stored(&options.storage_key, &signing);
        let (login_url, deadlines) = (options.login_url.clone(), options.deadlines());
        let origins = options.origins.clone();
        let client = Rc::new_cyclic(|client| {
            let host = WxHost::new(options, key, signing, client.clone());
            Client::new(host, login_url, deadlines, stored)
        });
        for origin in origins {
            client.trust(&origin);
        }
        // Servers judge these before they look at the route, so an expired session would have every sign-in refused.
        let header = &client.host().options().session_header;
        if ["authorization", "cookie"]
            .iter()
            .any(|name| header.eq_ignore_ascii_case(name))
        {
            client.present_nothing();
        }
        client.start();
        Ok(Self(client))
    }

    /// Calls `wx.request` with the session. Signs in first if there is no session, and renews an expired one and sends
    /// the request again, once. A request to an untrusted origin goes without the session. As in wx, every HTTP status
    /// is a success.
    ///
    /// ```no_run
    /// # use wxsession_async::{Error, Request, Session};
    /// # async fn program(session: Session) -> Result<(), Error> {
    /// let request = Request::get("https://api.example.com/products");
    /// let answer = session.request(&request).await?;
    /// assert_eq!(answer.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `request_failed` if wx failed the call; otherwise the reason why there is no session.
    pub async fn request(&self, request: &Request) -> Result<Answer, Error> {
        let client = &self.0;
        if request.is_bare || !client.carries(&request.url) {
            return request.send(None).await;
        }
        let mut pass = self.pass().await?;
        let mut sent = Sent::Once;
        loop {
            let answer = request.send(Some((client.host(), &pass.id))).await?;
            let Some(refusal) = answer.refusal() else {
                return Ok(answer);
            };
            let refused = |ticket, _| client.refused(ticket, pass.generation, sent, refusal);
            match self.ask(refused).await? {
                Some(next) => pass = next,
                None => return Ok(answer),
            }
            sent = Sent::Twice;
        }
    }

    /// Signs in if there is no session.
    ///
    /// # Errors
    /// The reason why the sign-in failed; `signed_out` if the app signs out meanwhile.
    pub async fn login(&self) -> Result<(), Error> {
        self.sign_in(|ticket| self.0.want(ticket, Want::Login))
            .await
    }

    /// Signs in anew, even if there is a session.
    ///
    /// ```no_run
    /// # use wxsession_async::{Error, Session};
    /// # async fn program(session: Session) -> Result<(), Error> {
    /// // The server has given the user a new role, which only a new session carries.
    /// session.force_login().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`login`](Self::login).
    pub async fn force_login(&self) -> Result<(), Error> {
        self.sign_in(|ticket| self.0.want(ticket, Want::NewLogin))
            .await
    }

    /// Signs in with credentials, whoever is signed in now. The sign-in is an attempt of its own, which waits until one in
    /// progress is over, and is judged once. The credentials go with its posts and nowhere else. If it fails, what stood
    /// still stands, and nobody else hears of the failure. Dropping the future withdraws an attempt that still waits; one that
    /// has begun goes on.
    ///
    /// ```no_run
    /// # use wxsession_async::{Credentials, Error, Session};
    /// # async fn program(session: Session) -> Result<(), Error> {
    /// # let (name, password) = ("li.na", "a password");
    /// match session.login_with(Credentials::password(name, password)).await {
    ///     Err(error) if error.cause.named.as_deref() == Some("credentials_wrong") => {
    ///         // Ask once more.
    ///     }
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`login`](Self::login). What the server names, such as `credentials_wrong`, is in
    /// [`Cause::named`](crate::Cause::named).
    pub async fn login_with(&self, credentials: Credentials) -> Result<(), Error> {
        let credentials = Rc::new(credentials);
        self.sign_in(|ticket| {
            let tickets = self.0.host().tickets();
            tickets.hold(ticket, Rc::clone(&credentials));
            self.0.want(ticket, Want::Attempt);
        })
        .await
    }

    /// Ends the session: here at once, and on the server if the server can be reached within
    /// [`exchange_timeout`](Options::exchange_timeout). Later calls fail with `signed_out` until
    /// [`login`](Self::login), even after a restart.
    pub async fn logout(&self) {
        self.0.leave();
        if let Some(ending) = self.0.host().take_ending() {
            // Signed out here is signed out, whatever the server said.
            let _ = JsFuture::from(ending).await;
        }
    }

    /// What the session is doing.
    ///
    /// ```no_run
    /// # use wxsession_async::{Phase, Session};
    /// # fn program(session: Session) {
    /// let is_signed_in = session.phase() == Phase::SignedIn;
    /// # }
    /// ```
    pub fn phase(&self) -> Phase {
        self.0.host().phase()
    }

    async fn sign_in(&self, question: impl Fn(Ticket)) -> Result<(), Error> {
        loop {
            match self.wait(&question).await {
                Settled::Fail(error) => return Err(error),
                Settled::Go(_) => return Ok(()),
                // What it waited for was an attempt, and has failed.
                Settled::Deliver => {}
            }
        }
    }

    /// A session for a call: the live one at once, otherwise the one that a sign-in gives.
    async fn pass(&self) -> Result<Pass, Error> {
        let client = &self.0;
        if let Some(pass) = client
            .admit(client.now())
            .and_then(|generation| self.standing(generation))
        {
            return Ok(pass);
        }
        let question = |ticket, told| match told {
            Some(generation) => client.want_again(ticket, generation),
            None => client.want(ticket, Want::Call),
        };
        loop {
            // A call that was not refused has no refusal to deliver.
            if let Some(pass) = self.ask(question).await? {
                return Ok(pass);
            }
        }
    }

    /// The session to send with, or `None` if the caller gets the refusal. By the time the caller continues, its
    /// session may have been replaced or signed out of. Then the same question is put again, with the generation that
    /// the caller was told of.
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
        let client = &self.0;
        let id = client.id().filter(|_| client.generation() == generation)?;
        Some(Pass { id, generation })
    }

    /// Puts a question to the core under a new ticket and waits for the answer.
    fn wait(&self, question: impl Fn(Ticket)) -> Waiting<'_, WxHost> {
        let waiting = Waiting::new(&self.0, self.0.host().tickets());
        question(waiting.ticket());
        waiting
    }
}
