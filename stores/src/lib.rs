//! Where sessions are kept, besides the memory store of `wxsession-server` itself.
//!
//! | store | for | feature |
//! |---|---|---|
//! | [`RedbStore`] | one machine: a file, with no service beside the server | `redb` |
//! | [`RedisStore`] | several machines: one Redis server, the primary that sentinels name, or a cluster | `redis` |

#[cfg(feature = "redb")]
mod folder;
pub mod permissions;
#[cfg(feature = "redb")]
mod redb;
#[cfg(feature = "redis")]
mod redis;
mod ring_file;

#[cfg(feature = "redb")]
pub use folder::{FolderError, RING_IN_FOLDER, open_folder};
#[cfg(feature = "redb")]
pub use redb::{OpenError, RedbStore};
#[cfg(feature = "redis")]
pub use redis::{AddressError, RedisAddress, RedisStore, WhenFull};
pub use ring_file::{RingFileError, make_ring, open_ring};
