//! Passwords that change while sign-ins by the old one are under way and the program is killed.

use std::path::Path;

use wxsession_simulator::FakeWeChat;

use crate::common::simulator;
use crate::old_password::{PHONES, Stolen, rounds};
use crate::program::{Running, program};

/// How often, where the environment names no other number.
const ROUNDS: usize = 6;

fn start(folder: &Path, wechat: &FakeWeChat, api: &str) -> Running {
    let mut command = program();
    command.args(["--accounts", "built-in", "--sign-in-rate", "0"]);
    Running::launch(command, folder, wechat, api)
}

/// One round with an account of its own.
async fn round(number: usize, folder: &Path, wechat: &FakeWeChat, api: &str) {
    let mut running = start(folder, wechat, api);
    let mut stolen = Stolen::register(number, &[&running.server]).await;
    stolen.until_signed_in(PHONES + number % 3).await;
    let changing = stolen.change(&running.server);
    let mut kill = || running.process.as_mut().unwrap().kill().unwrap();
    // The program is killed once every sign-in that was under way has been answered, or right after the change was, or
    // before that.
    let was_answered = match number % 3 {
        0 => {
            assert!(changing.await.unwrap());
            stolen.until_over().await;
            kill();
            true
        }
        1 => {
            assert!(changing.await.unwrap());
            kill();
            true
        }
        _ => {
            stolen.until_signed_in(PHONES + number % 3 + 1).await;
            kill();
            changing.await.unwrap()
        }
    };
    stolen.until_over().await;
    drop(running);
    let running = start(folder, wechat, api);
    stolen.judge(&running.server, was_answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_of_an_old_password_outlives_the_new_one_however_often_the_program_is_killed() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    for number in 0..rounds(ROUNDS) {
        round(number, folder.path(), &wechat, &api).await;
    }
}
