//! Rules that hold for any input, as functions that panic when the input breaks one.

pub mod encrypted_data;
pub mod proof;
pub mod stored_value;
pub mod token;
pub mod wechat_answer;

/// A parser of bytes that other people wrote.
pub struct Target {
    /// The name of the corpus.
    pub name: &'static str,
    /// Tries one input.
    pub run: fn(&[u8]),
    /// Whether the parser accepts an input.
    pub takes: fn(&[u8]) -> bool,
}

/// All targets.
pub const TARGETS: [Target; 5] = [
    Target {
        name: "encrypted_data",
        run: encrypted_data::run,
        takes: |input| encrypted_data::open(input).is_some(),
    },
    Target {
        name: "proof",
        run: proof::run,
        takes: proof::is_genuine,
    },
    Target {
        name: "stored_value",
        run: stored_value::run,
        takes: |input| stored_value::decode(input).is_some(),
    },
    Target {
        name: "token",
        run: token::run,
        takes: |input| token::authenticate(input).is_some(),
    },
    Target {
        name: "wechat_answer",
        run: wechat_answer::run,
        takes: |input| wechat_answer::judge(input).is_ok(),
    },
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{TARGETS, Target};

    fn kept(target: &Target) -> Vec<Vec<u8>> {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let files = fs::read_dir(corpora.join(target.name)).expect("it has a corpus");
        files
            .map(|file| fs::read(file.expect("it is listed").path()).expect("it is read"))
            .collect()
    }

    #[test]
    fn no_kept_input_breaks_a_rule() {
        for target in TARGETS {
            for input in kept(&target) {
                (target.run)(&input);
            }
        }
    }

    /// A search that starts without an accepted input seldom finds one.
    #[test]
    fn of_each_corpus_something_is_taken_and_something_is_refused() {
        for target in TARGETS {
            let kept = kept(&target);
            assert!(
                kept.iter().any(|input| (target.takes)(input)),
                "{}",
                target.name
            );
            assert!(
                !kept.iter().all(|input| (target.takes)(input)),
                "{}",
                target.name
            );
        }
    }
}
