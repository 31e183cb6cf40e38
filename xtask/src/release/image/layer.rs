//! A layer of an image: files in a compressed archive, the same bytes for the same files.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use serde_json::Value;
use tar::{Builder, EntryType, Header};

use super::layout::Layout;
use crate::package::sums;

const MEDIA_TYPE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ROOT: u32 = 0;

/// Files by their paths in the image, without a slash in front. Folders above them belong to root.
#[derive(Default)]
pub(super) struct Layer {
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    kind: EntryType,
    mode: u32,
    owner: u32,
    contents: Vec<u8>,
}

/// A layer in a layout.
pub(super) struct Packed {
    pub(super) descriptor: Value,
    /// The digest of the archive before it was compressed.
    pub(super) uncompressed: String,
}

impl Layer {
    pub(super) fn file(&mut self, path: &str, mode: u32, contents: Vec<u8>) {
        self.add(path, EntryType::Regular, mode, ROOT, contents);
    }

    pub(super) fn folder_of(&mut self, path: &str, mode: u32, owner: u32) {
        self.add(path, EntryType::Directory, mode, owner, Vec::new());
    }

    fn add(&mut self, path: &str, kind: EntryType, mode: u32, owner: u32, contents: Vec<u8>) {
        for (slash, _) in path.match_indices('/') {
            let folder = Entry {
                kind: EntryType::Directory,
                mode: 0o755,
                owner: ROOT,
                contents: Vec::new(),
            };
            self.entries
                .entry(path[..slash].to_owned())
                .or_insert(folder);
        }
        let entry = Entry {
            kind,
            mode,
            owner,
            contents,
        };
        self.entries.insert(path.to_owned(), entry);
    }

    /// Packs the files, all of this age in seconds since 1970.
    pub(super) fn pack(&self, layout: &Layout, modified: u64) -> Result<Packed> {
        let mut archive = Builder::new(Vec::new());
        for (path, entry) in &self.entries {
            let mut header = Header::new_ustar();
            header.set_entry_type(entry.kind);
            header.set_mode(entry.mode);
            header.set_uid(entry.owner.into());
            header.set_gid(entry.owner.into());
            header.set_mtime(modified);
            header.set_size(entry.contents.len().try_into()?);
            // Folders end with a slash.
            let ending = if entry.kind.is_dir() { "/" } else { "" };
            archive.append_data(&mut header, format!("{path}{ending}"), &*entry.contents)?;
        }
        let archive = archive.into_inner()?;
        let uncompressed = format!("sha256:{}", sums::of(&archive));
        // Without a time.
        let mut compressed = GzBuilder::new().write(Vec::new(), Compression::default());
        compressed.write_all(&archive)?;
        Ok(Packed {
            descriptor: layout.add(MEDIA_TYPE, &compressed.finish()?)?,
            uncompressed,
        })
    }
}
