//! A wire to a server, which can lose an answer.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) struct Wire {
    pub(crate) port: u16,
    loses: Arc<AtomicBool>,
    _work: JoinSet<()>,
}

impl Wire {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let here = listener.local_addr().unwrap().port();
        let loses = Arc::new(AtomicBool::new(false));
        let mut work = JoinSet::new();
        let seen = Arc::clone(&loses);
        work.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
                tokio::spawn(carry(client, server.unwrap(), Arc::clone(&seen)));
            }
        });
        Self {
            port: here,
            loses,
            _work: work,
        }
    }

    /// Ends the next connection that has an answer on its way, and drops the answer.
    pub(crate) fn lose_an_answer(&self) {
        self.loses.store(true, SeqCst);
    }
}

async fn carry(mut client: TcpStream, mut server: TcpStream, loses: Arc<AtomicBool>) {
    let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
    loop {
        let passed = tokio::select! {
            count = client.read(&mut asked) => match count {
                Ok(count) if count > 0 => server.write_all(&asked[..count]).await,
                _ => return,
            },
            count = server.read(&mut answered) => match count {
                Ok(count) if count > 0 && !loses.swap(false, SeqCst) => {
                    client.write_all(&answered[..count]).await
                }
                _ => return,
            },
        };
        if passed.is_err() {
            return;
        }
    }
}
