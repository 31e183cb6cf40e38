//! Blanks the texts of panics in the module's data. Nothing reads them after `finish-module.mjs` has turned every panic
//! into a trap, and zeros compress to almost nothing.

use std::ops::Range;

use anyhow::Result;
use wasmparser::{Parser, Payload};

/// Panic messages of the standard library. Each panic also names a source file.
const MESSAGES: [&[u8]; 4] = [
    b"capacity overflow",
    b"RefCell already borrowed",
    b"RefCell already mutably borrowed",
    b"Tried to shrink to a larger capacity",
];

/// Overwrites the messages, and the names of Rust source files, with zeros.
///
/// The search stays within one segment. Across the section, the byte with a segment's length may look like a letter before
/// the name of a file; a module with that byte blanked would no longer compile.
///
/// # Errors
/// The module cannot be read.
pub(super) fn blank(module: &mut [u8]) -> Result<()> {
    for segment in segments(module)? {
        let data = &mut module[segment];
        blank_messages(data);
        blank_file_names(data);
    }
    Ok(())
}

/// The range of each data segment's bytes in the module.
fn segments(module: &[u8]) -> Result<Vec<Range<usize>>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(data) = payload? else {
            continue;
        };
        for segment in data {
            let segment = segment?;
            let end = usize::try_from(segment.range.end)?;
            found.push(end - segment.data.len()..end);
        }
    }
    Ok(found)
}

fn blank_messages(data: &mut [u8]) {
    for message in MESSAGES {
        let mut from = 0;
        while let Some(at) = find(&data[from..], message) {
            let start = from + at;
            from = start + message.len();
            data[start..from].fill(0);
        }
    }
}

fn find(data: &[u8], wanted: &[u8]) -> Option<usize> {
    data.windows(wanted.len())
        .position(|window| window == wanted)
}

/// Texts in a segment have no separators, so a name ends with the last `.rs` in a run of characters that a path may have.
fn blank_file_names(data: &mut [u8]) {
    let is_in_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./\\+-".contains(byte);
    for run in data.split_mut(|byte| !is_in_path(byte)) {
        let name = run.windows(3).rposition(|end| end == b".rs");
        if let Some(name) = name.filter(|before| *before > 0) {
            run[..name + 3].fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::Validator;

    use super::*;

    /// A module with one memory and these data segments.
    fn module(segments: &[&[u8]]) -> Vec<u8> {
        let mut section = vec![u8::try_from(segments.len()).expect("few segments")];
        for (index, data) in segments.iter().enumerate() {
            let offset = u8::try_from(index).expect("few segments");
            let length = u8::try_from(data.len()).expect("a short segment");
            // Active in memory 0, at `i32.const offset`.
            section.extend([0, 0x41, offset, 0x0b, length]);
            section.extend(*data);
        }
        let length = u8::try_from(section.len()).expect("a short section");
        let mut module = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x0b".to_vec();
        // The length takes two bytes, so that a section may be longer than 127 bytes.
        module.extend([length | 0x80, length >> 7]);
        module.extend(section);
        module
    }

    fn blanked(segments: &[&[u8]]) -> Vec<u8> {
        let mut module = module(segments);
        blank(&mut module).expect("it is a module");
        module
    }

    #[test]
    fn a_message_and_the_file_it_names_are_blanked_and_nothing_else() {
        let text = b"kept, capacity overflow, library/alloc/src/raw_vec.rs:kept too";
        let left = [&b"kept, "[..], &[0; 17], b", ", &[0; 28], b":kept too"].concat();
        assert_eq!(blanked(&[text]), module(&[&left]));
    }

    #[test]
    fn names_that_lie_side_by_side_are_blanked_together() {
        let left = [&b"!"[..], &[0; 10], b"ession"].concat();
        assert_eq!(blanked(&[b"!a.rsb/c.rsession"]), module(&[&left]));
    }

    #[test]
    fn a_segments_length_that_is_a_letter_is_not_taken_for_one_of_a_path() {
        // The length 47 is the byte `/`.
        let name = [&b"src/lib.rs"[..], &[b'!'; 37]].concat();
        assert_eq!(name.len(), usize::from(b'/'));
        let module = blanked(&[b"first", &name]);
        Validator::new()
            .validate_all(&module)
            .expect("it still compiles");
        assert!(find(&module, b"src/lib.rs").is_none());
    }
}
