//! Removes the data that no code reads: the messages of panics, after `finish-module.mjs` has turned every panic into a trap.

use std::ops::Range;

use anyhow::Result;
use wasmparser::{Operator, Parser, Payload};

/// A data segment.
struct Segment {
    /// Where the segment begins in the memory.
    address: u64,
    /// The range of the whole segment in the module, and that of its bytes.
    all: Range<usize>,
    bytes: Range<usize>,
}

/// Removes what no code reads. The memory is zero before, so neither unused data nor zeros need a segment.
///
/// # Errors
/// The module cannot be read.
pub fn remove(module: &mut Vec<u8>) -> Result<()> {
    blank(module)?;
    let segments = segments(module)?;
    let Some(section) = section(module)? else {
        return Ok(());
    };
    let mut count = 0;
    let mut kept = Vec::new();
    for Segment { all, bytes, .. } in segments {
        if module[bytes].iter().any(|byte| *byte != 0) {
            count += 1;
            kept.extend_from_slice(&module[all]);
        }
    }
    let content = [leb(count), kept].concat();
    let length = leb(content.len());
    // The section's own head, before its content, is its number and its length.
    let head = 1 + leb(section.len()).len();
    let section = section.start - head..section.end;
    if count == 0 {
        module.splice(section, []);
    } else {
        module.splice(section, [vec![DATA], length, content].concat());
    }
    Ok(())
}

/// The number of the section with the data.
const DATA: u8 = 11;

/// The range of that section's content.
fn section(module: &[u8]) -> Result<Option<Range<usize>>> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::DataSection(data) = payload? {
            let range = data.range();
            return Ok(Some(
                usize::try_from(range.start)?..usize::try_from(range.end)?,
            ));
        }
    }
    Ok(None)
}

/// A number as WebAssembly writes it.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Overwrites with zeros what stands in each segment before the first address that the code names. Compiled code reaches
/// data only forwards from an address that is a number in the code.
fn blank(module: &mut [u8]) -> Result<()> {
    let addresses = addresses(module)?;
    for Segment { address, bytes, .. } in segments(module)? {
        let end = address + u64::try_from(bytes.len())?;
        let named = addresses
            .iter()
            .filter(|named| (address..end).contains(*named));
        let unused = named.min().unwrap_or(&end) - address;
        module[bytes][..usize::try_from(unused)?].fill(0);
    }
    Ok(())
}

/// Every number in the code that may be an address.
fn addresses(module: &[u8]) -> Result<Vec<u64>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(function) = payload? else {
            continue;
        };
        for operator in function.get_operators_reader()? {
            found.extend(address(&operator?));
        }
    }
    Ok(found)
}

fn address(operator: &Operator) -> Option<u64> {
    match operator {
        Operator::I32Const { value } => u64::try_from(*value).ok(),
        Operator::I32Load { memarg }
        | Operator::I64Load { memarg }
        | Operator::F32Load { memarg }
        | Operator::F64Load { memarg }
        | Operator::I32Load8S { memarg }
        | Operator::I32Load8U { memarg }
        | Operator::I32Load16S { memarg }
        | Operator::I32Load16U { memarg }
        | Operator::I64Load8S { memarg }
        | Operator::I64Load8U { memarg }
        | Operator::I64Load16S { memarg }
        | Operator::I64Load16U { memarg }
        | Operator::I64Load32S { memarg }
        | Operator::I64Load32U { memarg } => Some(memarg.offset),
        _ => None,
    }
}

fn segments(module: &[u8]) -> Result<Vec<Segment>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(data) = payload? else {
            continue;
        };
        for segment in data {
            let segment = segment?;
            let wasmparser::DataKind::Active { offset_expr, .. } = segment.kind else {
                continue;
            };
            let start = offset_expr.get_operators_reader().read()?;
            let end = usize::try_from(segment.range.end)?;
            let all = usize::try_from(segment.range.start)?..end;
            found.extend(address(&start).map(|address| Segment {
                address,
                all,
                bytes: end - segment.data.len()..end,
            }));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use wasmparser::Validator;

    use super::*;

    /// A module with one function of this code, one memory, and this data at address 8.
    fn module(code: &[u8], data: &[u8]) -> Vec<u8> {
        let section = |id: u8, content: &[u8]| {
            let length = u8::try_from(content.len()).expect("a short section");
            [&[id, length], content].concat()
        };
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).expect("few bytes");
        // No locals, then the code, then its end.
        let body = [&[0], code, &[0x0b]].concat();
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(3, &[1, 0]),
            section(5, &[1, 0, 1]),
            section(10, &[&[1, length(&body)], &body[..]].concat()),
            // Active in memory 0, at `i32.const 8`.
            section(11, &[&[1, 0, 0x41, 8, 0x0b, length(data)], data].concat()),
        ]
        .concat()
    }

    fn blanked(code: &[u8], data: &[u8]) -> Vec<u8> {
        let mut module = module(code, data);
        blank(&mut module).expect("it is a module");
        Validator::new()
            .validate_all(&module)
            .expect("it still compiles");
        module
    }

    /// `i32.const 11, drop`.
    const CONSTANT: &[u8] = &[0x41, 11, 0x1a];
    /// `i32.const 0, i32.load8_u offset=11, drop`.
    const LOAD: &[u8] = &[0x41, 0, 0x2d, 0, 11, 0x1a];

    #[test]
    fn data_before_the_first_address_in_the_code_is_blanked_and_nothing_else() {
        for code in [CONSTANT, LOAD] {
            assert_eq!(blanked(code, b"message"), module(code, b"\0\0\0sage"));
        }
    }

    #[test]
    fn data_that_no_code_names_is_blanked_whole() {
        assert_eq!(blanked(&[], b"message"), module(&[], &[0; 7]));
    }

    #[test]
    fn a_segment_of_zeros_is_removed_and_any_other_stays() {
        let removed = |code: &[u8], data: &[u8]| {
            let mut module = module(code, data);
            remove(&mut module).expect("it is a module");
            Validator::new()
                .validate_all(&module)
                .expect("it still compiles");
            module
        };
        let empty = module(&[], &[]);
        assert_eq!(removed(&[], b"message"), empty[..empty.len() - 8]);
        assert_eq!(
            removed(CONSTANT, &[0; 7]).len(),
            removed(CONSTANT, &[]).len()
        );
        let long = [1; 100];
        assert_eq!(
            removed(&[0x41, 8, 0x1a], &long),
            module(&[0x41, 8, 0x1a], &long)
        );
    }

    #[test]
    fn data_is_kept_if_the_code_names_its_beginning() {
        let code = [0x41, 8, 0x1a];
        assert_eq!(blanked(&code, b"message"), module(&code, b"message"));
    }
}
