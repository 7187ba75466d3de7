//! Query: a text of statements, each answered in full, the first error ending the rest.

use lakeport_engine::{Answer, Kind, Statement};
use pgwire::messages::response::EmptyQueryResponse;

use crate::conversation::{Conversation, Failure};
use crate::copy::CopyOut;
use crate::cursor::{Cursor, Step};
use crate::describe::description;
use crate::formats::Formats;
use crate::start::{complete, done, warn};
use crate::wire::Wire;
use crate::work::Stops;

impl Conversation {
    /// Answers a text of statements, up to the ReadyForQuery that is not sent here.
    pub(crate) async fn simple(&mut self, wire: &mut Wire, text: &str) -> Result<(), Failure> {
        tracing::debug!(sql = text, "query");
        // A Query takes the place of the unnamed ones.
        self.names.drop_statement("");
        self.names.drop_portal("");
        let statements = self.statements(wire, text).await?;
        if statements.is_empty() {
            wire.put(&EmptyQueryResponse::new());
        }
        self.session.begin_implicit(statements.len());
        let result = self.each(wire, statements).await;
        self.session.end_implicit(result.is_ok()).await?;
        result
    }

    async fn each(&mut self, wire: &mut Wire, statements: Vec<Statement>) -> Result<(), Failure> {
        for statement in statements {
            self.one(wire, statement).await?;
        }
        Ok(())
    }

    async fn statements(&mut self, wire: &mut Wire, text: &str) -> Result<Vec<Statement>, Failure> {
        let closed = self.closed.clone();
        let running = self.session.begin();
        Stops { running: &running, closed: &closed }.race(wire, self.session.parse(text)).await
    }

    async fn one(&mut self, wire: &mut Wire, statement: Statement) -> Result<(), Failure> {
        self.session.check_transaction(&statement.kind)?;
        let closed = self.closed.clone();
        let running = self.session.begin();
        let stops = Stops { running: &running, closed: &closed };
        if let Kind::Fetch(fetch) = &statement.kind {
            return self.fetch(wire, &stops, fetch).await;
        }
        let prepared = stops.race(wire, self.session.prepare(statement, &[])).await?;
        match self.start(wire, &stops, &prepared, Vec::new()).await? {
            Answer::Done { tag, notices } => done(wire, &tag, &notices),
            Answer::Copy { rows, form, quoted } => {
                let style = self.session.style();
                CopyOut { rows, form, quoted, style }.send(wire, &stops).await?;
            }
            Answer::Rows(rows) | Answer::Cursor(rows) => {
                let formats = Formats::default();
                let description = description(&rows.schema, &formats);
                let mut cursor = Cursor::new(rows, &formats, self.session.style())?;
                wire.put(&description);
                let count = cursor.send(wire, &stops, Step { forward: true, count: None }).await?;
                warn(wire, &self.session.warnings());
                complete(wire, cursor.tag, count);
            }
        }
        Ok(())
    }
}
