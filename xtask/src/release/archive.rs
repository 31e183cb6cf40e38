//! Files in an archive: the same bytes for the same files, whoever packs them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

const ROOT: u32 = 0;

/// Files by their paths in the archive, without a slash in front. The folders above them belong to root, too.
#[derive(Default)]
pub(super) struct Archive {
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    kind: EntryType,
    mode: u32,
    owner: u32,
    contents: Vec<u8>,
}

impl Archive {
    /// Adds a file.
    pub(super) fn add(&mut self, path: &str, mode: u32, contents: impl Into<Vec<u8>>) {
        self.insert(path, EntryType::Regular, mode, ROOT, contents.into());
    }

    /// Adds a file of this machine.
    pub(super) fn copy(&mut self, path: &str, mode: u32, from: &Path) -> Result<()> {
        let contents = fs::read(from).with_context(|| format!("reading {}", from.display()))?;
        self.add(path, mode, contents);
        Ok(())
    }

    /// Adds an empty folder of this user.
    pub(super) fn add_folder(&mut self, path: &str, mode: u32, owner: u32) {
        self.insert(path, EntryType::Directory, mode, owner, Vec::new());
    }

    /// The archive in tar's format. Everything in it is of this age, in seconds since 1970.
    pub(super) fn bytes(&self, modified: u64) -> Result<Vec<u8>> {
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
        Ok(archive.into_inner()?)
    }

    fn insert(&mut self, path: &str, kind: EntryType, mode: u32, owner: u32, contents: Vec<u8>) {
        for (slash, _) in path.match_indices('/') {
            let folder = Entry {
                kind: EntryType::Directory,
                mode: 0o755,
                owner: ROOT,
                contents: Vec::new(),
            };
            let folders = self.entries.entry(path[..slash].to_owned());
            folders.or_insert(folder);
        }
        let entry = Entry {
            kind,
            mode,
            owner,
            contents,
        };
        self.entries.insert(path.to_owned(), entry);
    }
}

/// These bytes in gzip's format, which could hold a time and a name, and has neither here.
pub(super) fn compressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = GzBuilder::new().write(Vec::new(), Compression::default());
    compressed.write_all(bytes)?;
    Ok(compressed.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_above_a_file_come_before_it_and_belong_to_root() {
        let mut archive = Archive::default();
        archive.add("a/b/file", 0o600, "words");
        archive.add_folder("data", 0o700, 7);
        let bytes = archive.bytes(60).unwrap();
        let mut read = tar::Archive::new(&*bytes);
        let entries = read.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let header = entry.header();
            let path = entry.path().unwrap().display().to_string();
            assert_eq!(header.mtime().unwrap(), 60);
            (path, header.mode().unwrap(), header.uid().unwrap())
        });
        let expected = [
            ("a/", 0o755, 0),
            ("a/b/", 0o755, 0),
            ("a/b/file", 0o600, 0),
            ("data/", 0o700, 7),
        ];
        let expected = expected.map(|(path, mode, owner)| (path.to_owned(), mode, owner));
        assert_eq!(entries.collect::<Vec<_>>(), expected);
    }
}
