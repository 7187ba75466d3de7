//! Parse: makes a prepared statement.

use std::sync::Arc;

use lakeport_base::SqlState;
use lakeport_engine::Error;
use lakeport_sql::types::PgType;
use pgwire::messages::extendedquery::ParseComplete;

use crate::codec::Parse;
use crate::conversation::{Conversation, Failure};
use crate::wire::Wire;
use crate::work::Stops;

impl Conversation {
    /// Plans a statement, and keeps it under its name.
    pub(crate) async fn parse(&mut self, wire: &mut Wire, parse: Parse) -> Result<(), Failure> {
        tracing::debug!(name = parse.name, sql = parse.text, "parse");
        let closed = self.closed.clone();
        let running = self.session.begin();
        let stops = Stops { running: &running, closed: &closed };
        let mut statements = stops.race(wire, self.session.parse(&parse.text)).await?;
        if statements.len() > 1 {
            let message = "cannot insert multiple commands into a prepared statement";
            return Err(Error::new(SqlState::SYNTAX_ERROR, message).into());
        }
        self.names.reserve_statement(&parse.name)?;
        let statement = match statements.pop() {
            None => None,
            Some(statement) => {
                self.session.check_transaction(&statement.kind)?;
                let declared = declared(&parse.types)?;
                Some(Arc::new(stops.race(wire, self.session.prepare(statement, &declared)).await?))
            }
        };
        self.names.set_statement(parse.name, statement, false);
        wire.put(&ParseComplete::new());
        Ok(())
    }
}

/// The types that a client declares, by their oids; 0 and `unknown` leave one open.
fn declared(oids: &[u32]) -> Result<Vec<Option<PgType>>, Error> {
    let declared = oids.iter().map(|oid| match PgType::by_oid(*oid) {
        Some(PgType::UNKNOWN) => Ok(None),
        Some(pg_type) => Ok(Some(pg_type)),
        None if *oid == 0 => Ok(None),
        None => {
            let message = format!("type with OID {oid} does not exist");
            Err(Error::new(SqlState::UNDEFINED_OBJECT, message))
        }
    });
    declared.collect()
}

#[cfg(test)]
mod tests {
    use lakeport_base::SqlState;
    use lakeport_sql::types::PgType;

    use super::declared;

    #[test]
    fn types_left_open_are_none_and_unheard_of_ones_refused() {
        assert_eq!(declared(&[0, 23, 705]).unwrap(), [None, Some(PgType::INT4), None]);
        assert_eq!(declared(&[790]).unwrap_err().sqlstate, SqlState::UNDEFINED_OBJECT);
    }
}
