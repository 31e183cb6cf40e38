//! A folder by OCI's image layout: blobs named by their sums, and an index.
//! See <https://specs.opencontainers.org/image-spec/image-layout/>.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::package::sums;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A layout that is being written.
pub(super) struct Layout {
    folder: PathBuf,
}

impl Layout {
    /// Replaces what is in the folder.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("emptying {}", folder.display()));
            }
            _ => {}
        }
        fs::create_dir_all(folder.join("blobs/sha256"))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Adds a blob, and returns its descriptor.
    pub(super) fn add(&self, media_type: &str, blob: &[u8]) -> Result<Value> {
        let sum = sums::of(blob);
        fs::write(self.folder.join("blobs/sha256").join(&sum), blob)?;
        Ok(json!({
            "mediaType": media_type,
            "digest": format!("sha256:{sum}"),
            "size": blob.len(),
        }))
    }

    /// Adds a document, and returns its descriptor.
    pub(super) fn add_json(&self, media_type: &str, document: &Value) -> Result<Value> {
        self.add(media_type, &serde_json::to_vec(document)?)
    }

    /// Writes the index, with these manifests.
    pub(super) fn finish(self, manifests: &[Value]) -> Result<()> {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        let version = json!({ "imageLayoutVersion": "1.0.0" });
        fs::write(self.folder.join("index.json"), index.to_string())?;
        fs::write(self.folder.join("oci-layout"), version.to_string())?;
        Ok(())
    }
}
