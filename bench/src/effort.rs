//! How much a run measures, and what its figures are for.

use std::path::PathBuf;

use xtask::project::Project;

/// The purpose of a run.
#[derive(Clone, Copy)]
pub(super) enum Effort {
    /// Figures that stand in the documents.
    Publication,
    /// A test of the bench itself.
    Trial,
}

impl Effort {
    /// How often to measure something that takes this many runs for a publication.
    pub(super) fn runs(self, published: usize) -> usize {
        match self {
            Self::Publication => published,
            Self::Trial => 1,
        }
    }

    /// The folder of the figures and the picture.
    pub(super) fn folder(self, project: &Project) -> PathBuf {
        match self {
            Self::Publication => project.path("bench"),
            Self::Trial => project.target("bench"),
        }
    }
}
