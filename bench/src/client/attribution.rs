//! Which crate the bytes of a module belong to.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Result, ensure};
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// The sections of a module besides its functions, for a person.
pub(super) const DATA: &str = "tables and texts (data)";
/// See [`DATA`].
pub(super) const REST: &str = "imports, exports, types";

/// How many bytes of a module's file each crate has.
///
/// A function belongs to the crate that its path begins with, and so does what was inlined into
/// it; what drops a value, to the crate of the value.
///
/// # Errors
/// It is no module, or the names of its functions are gone.
pub(super) fn by_crate(module: &[u8]) -> Result<Vec<(String, usize)>> {
    let mut bytes = BTreeMap::<_, usize>::new();
    for (name, size) in functions(module)? {
        *bytes.entry(owner(&name)).or_default() += size;
    }
    let mut parts: Vec<_> = bytes.into_iter().collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(parts)
}

/// How many bytes of a module's file are functions, and how many data.
///
/// # Errors
/// It is no module.
pub(super) fn sections(module: &[u8]) -> Result<(usize, usize)> {
    let (mut code, mut data) = (0, 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::CodeSectionEntry(body) => code += length(&body.range())?,
            Payload::DataSection(section) => data += length(&section.range())?,
            _ => {}
        }
    }
    Ok((code, data))
}

fn functions(module: &[u8]) -> Result<Vec<(String, usize)>> {
    let (mut sizes, mut names, mut imported) = (Vec::new(), BTreeMap::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            // Functions alone are imported: the build has seen to that.
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    import?;
                    imported += 1;
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(length(&body.range())?),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    for subsection in subsections {
                        if let Name::Function(functions) = subsection? {
                            for function in functions {
                                let function = function?;
                                names.insert(function.index as usize, function.name.to_owned());
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    ensure!(!names.is_empty(), "the module's functions have no names");
    let named = sizes.into_iter().enumerate().map(|(place, size)| {
        let name = names.remove(&(imported + place)).unwrap_or_default();
        (name, size)
    });
    Ok(named.collect())
}

fn length(range: &Range<u64>) -> Result<usize> {
    Ok(usize::try_from(range.end - range.start)?)
}

/// The crate that a function's name speaks of.
fn owner(name: &str) -> String {
    if let Some((_, dropped)) = name.split_once("drop_in_place<") {
        let crates: Vec<_> = paths(dropped).collect();
        let ours = crates.iter().find(|name| !is_standard(name));
        return crate_named(ours.or(crates.first()).copied().unwrap_or("core"));
    }
    match paths(name).next() {
        Some(first) => crate_named(first),
        // The boundary's own, made by wasm-bindgen, and by its macro in our crate.
        None if name.starts_with("__wbindgen") => crate_named("wasm_bindgen"),
        None if name.starts_with("core_") => crate_named("wxsession"),
        None if name.starts_with("mem") => crate_named("compiler_builtins"),
        None => crate_named("core"),
    }
}

/// The first words of the paths in a name, in order: `alloc` and `wxsession` of
/// `<alloc::vec::Vec<wxsession::flow::Effect> as …>::push`.
fn paths(name: &str) -> impl Iterator<Item = &str> {
    name.split(|letter: char| !(letter.is_alphanumeric() || "_:[]".contains(letter)))
        .filter_map(|word| word.split_once("::"))
        // What stands before a hash in brackets is the crate's name.
        .map(|(first, _)| first.split('[').next().unwrap_or(first))
        .filter(|first| !first.is_empty())
}

fn is_standard(name: &str) -> bool {
    matches!(name, "core" | "alloc" | "std")
}

/// As in `Cargo.toml`.
fn crate_named(name: &str) -> String {
    match name {
        "core" | "alloc" | "std" | "__rustc" => "Rust's core and alloc".to_owned(),
        "compiler_builtins" => "memcpy, memcmp".to_owned(),
        "lol_alloc" => name.to_owned(),
        "serde_core" => "serde".to_owned(),
        name => name.replace('_', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| owner(name)).collect()
    }

    #[test]
    fn a_function_belongs_to_the_crate_its_path_begins_with() {
        let names = [
            "wxsession::policy::origin::{{closure}}::h208231601d7c4b3e",
            "<lol_alloc::free_list_allocator::FreeListAllocator<T> as core::alloc::global::GlobalAlloc>::alloc::h1f",
            "serde_core::ser::SerializeMap::serialize_entry::h25775b6c0a99e9c5",
            "<&serde_wasm_bindgen::ser::Serializer as serde_core::ser::Serializer>::serialize_str::h96",
            "alloc::vec::Vec<T,A>::push::h511fa6f584292d0a",
            "alloc[3ca501edff3f0c7c]::boxed::box_new_uninit",
        ];
        assert_eq!(
            owners(&names),
            [
                "wxsession",
                "lol_alloc",
                "serde",
                "serde-wasm-bindgen",
                "Rust's core and alloc",
                "Rust's core and alloc"
            ]
        );
    }

    #[test]
    fn a_name_without_a_path_of_its_own_has_its_traits() {
        let names = [
            "<T as alloc::slice::<impl [T]>::to_vec_in::ConvertVec>::to_vec::h2ca5c1a43a91d4df",
            "<[u8]>::eq_ignore_ascii_case",
            "<str as core[c5930c85a12de822]::cmp::PartialEq>::eq",
        ];
        assert!(
            owners(&names)
                .iter()
                .all(|owner| owner == "Rust's core and alloc")
        );
    }

    #[test]
    fn what_drops_a_value_belongs_to_the_values_crate() {
        let names = [
            "core::ptr::drop_in_place<core::option::Option<wxsession::session::Session>>::h9ba",
            "core::ptr::drop_in_place<alloc::vec::Vec<u8>>::h11206568167eac2a",
            "core::ptr::drop_in_place<wasm_bindgen::JsValue>::h4c4578de2e45ecce",
        ];
        assert_eq!(
            owners(&names),
            ["wxsession", "Rust's core and alloc", "wasm-bindgen"]
        );
    }

    #[test]
    fn names_of_the_boundary_have_no_path() {
        assert_eq!(
            owners(&["core_admit", "__wbindgen_malloc", "memcmp"]),
            ["wxsession", "wasm-bindgen", "memcpy, memcmp"]
        );
    }

    #[test]
    fn the_bytes_of_a_crate_are_those_of_its_functions() {
        // Two functions, the second one byte longer, named `a::f` and `b::g`.
        let module = [
            b"\0asm\x01\0\0\0".as_slice(),
            b"\x01\x04\x01\x60\0\0",
            b"\x03\x03\x02\0\0",
            b"\x0a\x08\x02\x02\0\x0b\x03\0\x01\x0b",
            b"\0\x14\x04name\x01\x0d\x02\0\x04a::f\x01\x04b::g",
        ]
        .concat();
        let parts = by_crate(&module).expect("it is a module with names");
        assert_eq!(parts, [("b".to_owned(), 3), ("a".to_owned(), 2)]);
        assert_eq!(sections(&module).expect("it is a module"), (5, 0));
    }

    #[test]
    fn a_module_without_names_is_told_apart() {
        assert!(by_crate(b"\0asm\x01\0\0\0").is_err());
    }
}
