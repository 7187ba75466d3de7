//! SET, SHOW, RESET and DISCARD.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::record_batch::RecordBatch;
use lakeport_base::SqlState;
use lakeport_sql::statement::Set;

use super::{Session, Transaction, done, warning};
use crate::answer::Source;
use crate::error::from_datafusion;
use crate::settings::SessionSettings;
use crate::{Answer, Error, Result};

impl Session {
    pub(super) fn set(&mut self, set: &Set) -> Result<Answer> {
        if set.local && !self.is_block() {
            let warning = warning(
                SqlState::NO_ACTIVE_SQL_TRANSACTION,
                "SET LOCAL can only be used in transaction blocks",
            );
            return Ok(Answer::Done { tag: "SET".into(), notices: vec![warning] });
        }
        self.settings.set(&set.name, set.value.as_deref(), set.local)?;
        Ok(done("SET"))
    }

    /// Whether the client wants to hear of this: `client_min_messages`.
    pub(super) fn hears(&self, notice: &Error) -> bool {
        match self.settings.show("client_min_messages").as_deref() {
            Ok("error") => false,
            Ok("warning") => notice.is_warning(),
            _ => true,
        }
    }

    /// An answer without the notices that the client does not want to hear.
    pub(super) fn heard(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Done { tag, mut notices } => {
                notices.retain(|notice| self.hears(notice));
                Answer::Done { tag, notices }
            }
            other => other,
        }
    }

    pub(super) fn show(&self, name: &str) -> Result<Answer> {
        let batch = self.show_rows(name)?;
        Ok(Answer::Rows(self.rows(batch.schema(), "SHOW", Source::Ready(vec![batch]), None)))
    }

    pub(super) fn show_rows(&self, name: &str) -> Result<RecordBatch> {
        if name == "all" {
            let mut all = self.settings.all();
            all.retain(|setting| setting.parameter.is_some());
            return text_batch(&[
                ("name", all.iter().map(|setting| setting.name.as_str()).collect()),
                ("setting", all.iter().map(|setting| setting.value.as_str()).collect()),
                ("description", all.iter().map(|setting| setting.description).collect()),
            ]);
        }
        let value = self.settings.show(name)?;
        text_batch(&[(SessionSettings::shown_name(name), vec![value.as_str()])])
    }

    pub(super) fn discard(&mut self, what: &str) -> Result<Answer> {
        match what {
            "all" if self.transaction != Transaction::Idle => Err(Error::new(
                SqlState::ACTIVE_SQL_TRANSACTION,
                "DISCARD ALL cannot run inside a transaction block",
            )),
            "all" => {
                self.temp.clear();
                self.unlisten(None)?;
                lakeport_catalog::release_locks(self.entry.id);
                self.settings.reset("role")?;
                self.settings.reset("all").map(|()| done("DISCARD ALL"))
            }
            "plans" => Ok(done("DISCARD PLANS")),
            "sequences" => Ok(done("DISCARD SEQUENCES")),
            _ => {
                self.temp.clear();
                Ok(done("DISCARD TEMP"))
            }
        }
    }
}

/// A batch of text columns.
pub(crate) fn text_batch(columns: &[(&str, Vec<&str>)]) -> Result<RecordBatch> {
    let arrays = columns
        .iter()
        .map(|(name, values)| (*name, Arc::new(StringArray::from_iter_values(values)) as ArrayRef));
    RecordBatch::try_from_iter(arrays).map_err(|error| from_datafusion(error.into()))
}
