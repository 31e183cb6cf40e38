//! What is in the file: a table of values, and the time of the last commit.

use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};
use wxsession_server::identity::UserKey;
use wxsession_server::user::Millis;

/// By user: when the value expires, and the value.
pub(super) const VALUES: TableDefinition<'_, &[u8; 16], (Millis, &[u8])> =
    TableDefinition::new("values");
/// One entry: the time of the last commit.
pub(super) const CLOCK: TableDefinition<'_, (), Millis> = TableDefinition::new("clock");

/// Makes the tables, so that no read ever finds them missing. Returns the time of the last commit.
pub(super) fn prepare(database: &Database) -> Result<Millis, redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(VALUES)?;
    let last_commit = transaction
        .open_table(CLOCK)?
        .get(())?
        .map_or(0, |time| time.value());
    transaction.commit()?;
    Ok(last_commit)
}

/// The values as of the last commit, open for reading.
pub(super) type Values = ReadOnlyTable<&'static [u8; 16], (Millis, &'static [u8])>;

/// Opens the values as of the last commit.
pub(super) fn values(database: &Database) -> Result<Values, redb::Error> {
    Ok(database.begin_read()?.open_table(VALUES)?)
}

/// The value of a user in an open table, unless it has expired.
pub(super) fn alive(
    values: &impl ReadableTable<&'static [u8; 16], (Millis, &'static [u8])>,
    user: UserKey,
    now: Millis,
) -> Result<Option<Vec<u8>>, redb::Error> {
    let stored = values.get(&user.0)?;
    Ok(stored.and_then(|stored| {
        let (until, bytes) = stored.value();
        (now < until).then(|| bytes.to_vec())
    }))
}
