//! Proves that the module is WebAssembly 1.0 and does not reveal the machine that built it.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef, Validator, WasmFeatures};

/// Fails unless the module is valid without later features, and imports and exports only functions and a memory.
///
/// # Errors
/// The message names the instruction, import or export that is not allowed.
pub(super) fn strict_mvp(module: &[u8]) -> Result<()> {
    // Mutable globals are off, too. The compiler keeps its stack pointer in one; only importing or exporting a mutable
    // global needs a later version.
    Validator::new_with_features(WasmFeatures::MVP).validate_all(module)?;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    ensure!(
                        matches!(import.ty, TypeRef::Func(_)),
                        "it imports {}, which is no function",
                        import.name
                    );
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    let allowed = matches!(export.kind, ExternalKind::Func | ExternalKind::Memory);
                    ensure!(allowed, "it exports {}, a {:?}", export.name, export.kind);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Fails if the module contains the name of one of these folders.
///
/// # Errors
/// The message names the folder.
pub(super) fn no_paths(module: &[u8], paths: &[PathBuf]) -> Result<()> {
    for path in paths {
        let name = path.as_os_str().as_encoded_bytes();
        if module.windows(name.len()).any(|window| window == name) {
            bail!(
                "the module contains the path {}: is it not among the remapped ones?",
                path.display()
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [HEADER, &sections.concat()].concat()
    }

    #[test]
    fn a_module_of_the_first_version_passes() {
        // One function without arguments, exported as `f`.
        let bytes = module(&[
            b"\x01\x04\x01\x60\0\0",
            b"\x03\x02\x01\0",
            b"\x07\x05\x01\x01f\0\0",
            b"\x0a\x04\x01\x02\0\x0b",
        ]);
        assert!(strict_mvp(&bytes).is_ok());
    }

    #[test]
    fn an_instruction_of_a_later_version_fails() {
        // i32.const 0, i32.extend8_s, drop.
        let code = b"\x0a\x08\x01\x06\0\x41\0\xc0\x1a\x0b";
        let bytes = module(&[b"\x01\x04\x01\x60\0\0", b"\x03\x02\x01\0", code]);
        let error = strict_mvp(&bytes).expect_err("sign extension came later");
        assert!(error.to_string().contains("sign extension"), "{error}");
    }

    #[test]
    fn an_exported_global_fails_even_where_it_is_constant() {
        let bytes = module(&[b"\x06\x06\x01\x7f\0\x41\0\x0b", b"\x07\x05\x01\x01g\x03\0"]);
        let error = strict_mvp(&bytes).expect_err("iOS cannot export globals");
        assert!(error.to_string().contains("exports g"), "{error}");
    }

    #[test]
    fn a_path_of_the_builder_fails() {
        let folder = PathBuf::from("/somebody");
        assert!(no_paths(b"src/lib.rs", std::slice::from_ref(&folder)).is_ok());
        assert!(no_paths(b"at /somebody/src/lib.rs", &[folder]).is_err());
    }
}
