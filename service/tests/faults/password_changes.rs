//! Passwords that change over two servers on one Redis, which are killed and paused while others sign in by the old one.

use std::time::Duration;

use tokio::time::sleep;

use crate::old_password::{PHONES, Stolen, rounds};
use crate::pair::Pair;

/// How often, where the environment names no other number.
const ROUNDS: usize = 6;

/// One round with an account of its own. The change is asked for at the first server, and most others sign in at the second.
async fn round(pair: &mut Pair, number: usize) {
    let mut stolen = Stolen::register(number, &[pair.server(1), pair.server(0)]).await;
    stolen.until_signed_in(PHONES + number % 3).await;
    let was_answered = match number % 6 {
        // The other server has judged some passwords before the change, and goes on after it.
        0 | 3 => {
            pair.pause(1);
            let was_answered = stolen.change(pair.server(0)).await.unwrap();
            pair.resume(1);
            was_answered
        }
        // The asked server is killed somewhere on the way, or right after its answer.
        1 => {
            let changing = stolen.change(pair.server(0));
            sleep(Duration::from_millis(fastrand::u64(0..150))).await;
            pair.kill_and_restart(0);
            changing.await.unwrap()
        }
        2 => {
            let was_answered = stolen.change(pair.server(0)).await.unwrap();
            pair.kill_and_restart(0);
            was_answered
        }
        // So is the other one.
        4 => {
            let changing = stolen.change(pair.server(0));
            pair.kill_and_restart(1);
            changing.await.unwrap()
        }
        _ => {
            let was_answered = stolen.change(pair.server(0)).await.unwrap();
            pair.redis.kill();
            pair.redis.restart();
            was_answered
        }
    };
    stolen.until_over().await;
    pair.until_serving().await;
    let either = pair.server(fastrand::usize(0..2));
    stolen.judge(either, was_answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_of_an_old_password_outlives_the_new_one_on_any_server() {
    let mut pair = Pair::start_to_be_disturbed().await;
    for number in 0..rounds(ROUNDS) {
        round(&mut pair, number).await;
    }
}
