//! The mark beside a file that says how the file was left, so that a file that nobody has touched since need not be read
//! as a whole before it is used.
//!
//! A file that was closed properly is trusted by redb, and a part of it that somebody has changed since makes redb panic.
//! Reading all of it finds that out, and takes minutes for a large one.

use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use crate::permissions;

/// A step of the system's clock for files is 10 ms at most.
const PAUSE: Duration = Duration::from_millis(2);
const ATTEMPTS: u32 = 20;

/// The mark of one file.
pub(super) struct ClosingMark {
    file: PathBuf,
    mark: PathBuf,
}

impl ClosingMark {
    /// The mark of this file.
    pub(super) fn of(file: &Path) -> Self {
        let mut mark = file.as_os_str().to_owned();
        mark.push(".closed");
        Self {
            file: file.to_owned(),
            mark: mark.into(),
        }
    }

    /// Returns whether the file is still as it was left, and removes the mark, which is good for one opening.
    pub(super) fn take(&self) -> bool {
        let left = fs::read_to_string(&self.mark);
        // A mark that stays could be believed after a crash.
        let is_removed = fs::remove_file(&self.mark).is_ok();
        let found = self.traces();
        is_removed && matches!((left, found), (Ok(left), Ok(found)) if left == found)
    }

    /// Notes how the file is now. Without a mark the next opening reads the whole file, so a failure is no more than that.
    pub(super) fn leave(&self) {
        for _ in 0..ATTEMPTS {
            match self.write() {
                Ok(true) => return,
                Ok(false) => thread::sleep(PAUSE),
                Err(_) => break,
            }
        }
        let _ = fs::remove_file(&self.mark);
    }

    /// Returns whether the mark is younger than the file. The system's clock for files moves in steps, so a change within
    /// the same step would leave no trace.
    fn write(&self) -> io::Result<bool> {
        let traces = self.traces()?;
        let _ = fs::remove_file(&self.mark);
        permissions::create_file(&self.mark)?.write_all(traces.as_bytes())?;
        Ok(fs::metadata(&self.mark)?.modified()? > fs::metadata(&self.file)?.modified()?)
    }

    /// What the system notes of a file and changes with it.
    fn traces(&self) -> io::Result<String> {
        let metadata = fs::metadata(&self.file)?;
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH);
        let modified = modified.map_err(io::Error::other)?.as_nanos();
        let (bytes, place) = (metadata.len(), place(&metadata));
        Ok(format!("1 {bytes} {modified} {place}\n"))
    }
}

/// Which file it is, and when it was put there: a copy may have the size and the times of the original.
#[cfg(unix)]
fn place(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;

    let (changed, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    format!("{} {changed}.{nanoseconds:09}", metadata.ino())
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> &'static str {
    "-"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::ClosingMark;

    #[test]
    fn a_mark_is_good_for_one_opening_of_the_file_that_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.redb");
        let mark = ClosingMark::of(&path);
        assert!(!mark.take(), "there is no file");
        fs::write(&path, "sessions").unwrap();
        assert!(!mark.take(), "there is no mark");
        mark.leave();
        assert!(mark.take());
        assert!(!mark.take(), "it has been taken");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_written_replaced_or_restored_since_is_not_trusted() {
        use std::fs::File;
        use std::io::Write;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.redb");
        let mark = ClosingMark::of(&path);
        // Returns when the file was written.
        let left = || {
            fs::write(&path, "sessions").unwrap();
            mark.leave();
            fs::metadata(&path).unwrap().modified().unwrap()
        };
        left();
        let mut file = File::options().write(true).open(&path).unwrap();
        file.write_all(b"sessions").unwrap();
        drop(file);
        assert!(!mark.take(), "written");

        let before = left();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(3).unwrap();
        file.set_modified(before).unwrap();
        drop(file);
        assert!(!mark.take(), "shortened");

        let before = left();
        let copy = folder.path().join("copy");
        fs::copy(&path, &copy).unwrap();
        let file = File::options().write(true).open(&copy).unwrap();
        file.set_modified(before).unwrap();
        drop(file);
        fs::rename(&copy, &path).unwrap();
        assert!(!mark.take(), "restored with its time");
    }
}
