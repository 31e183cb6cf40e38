//! What must survive a `kill -9` of the program.

use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::common::{Server, simulator};
use crate::program::Running;

const ROUNDS: usize = 10;
const WORKERS: usize = 8;

/// Signs users in until the server is gone, and returns the sessions that it issued.
async fn sign_in_on_and_on(server: Server, worker: usize, acknowledged: UnboundedSender<String>) {
    for visit in 0.. {
        // All workers share a few users, so that values are changed as well as created.
        let code = server.code(&format!("user-{}", (worker + visit) % 50));
        let ask = server.post("/wx/onlogin").json(&json!({ "code": code }));
        let Ok(answer) = ask.send().await else { return };
        assert_eq!(answer.status(), 200);
        let Ok(answer) = answer.json::<Value>().await else {
            return;
        };
        let session = answer["sessionid"].as_str().unwrap().to_owned();
        acknowledged.send(session).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_sign_in_is_lost_however_often_the_program_is_killed() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    for round in 0..ROUNDS {
        let mut running = Running::start(folder.path(), &wechat, &api).await;
        let (acknowledge, mut acknowledged) = mpsc::unbounded_channel();
        for worker in 0..WORKERS {
            let work = sign_in_on_and_on(running.server.clone(), worker, acknowledge.clone());
            tokio::spawn(work);
        }
        drop(acknowledge);
        // Each round kills the program at another point of its work.
        let mut sessions = Vec::new();
        while sessions.len() < 10 + 3 * round {
            sessions.push(acknowledged.recv().await.unwrap());
        }
        running.process.as_mut().unwrap().kill().unwrap();
        while let Some(session) = acknowledged.recv().await {
            sessions.push(session);
        }
        drop(running);
        let running = Running::start(folder.path(), &wechat, &api).await;
        for session in &sessions {
            let (status, code) = running.server.standing(session).await;
            // A user has eight live sessions at most; the refusal of the others was kept, too.
            assert!(
                status == 200 || code == "session_replaced",
                "{status} {code}"
            );
        }
    }
}
