//! A layer of an image: an archive, compressed.

use anyhow::Result;
use serde_json::Value;

use super::layout::Layout;
use crate::package::sums;
use crate::release::archive::{Archive, compressed};

const MEDIA_TYPE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A layer in a layout.
pub(super) struct Layer {
    pub(super) descriptor: Value,
    /// The digest of the archive before it was compressed.
    pub(super) uncompressed: String,
}

impl Layer {
    /// Packs the files, all of this age in seconds since 1970.
    pub(super) fn pack(files: &Archive, layout: &Layout, modified: u64) -> Result<Self> {
        let archive = files.bytes(modified)?;
        Ok(Self {
            descriptor: layout.add(MEDIA_TYPE, &compressed(&archive)?)?,
            uncompressed: format!("sha256:{}", sums::of(&archive)),
        })
    }
}
