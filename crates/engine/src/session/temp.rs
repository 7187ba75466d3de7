//! CREATE TEMPORARY TABLE, DROP TABLE, TRUNCATE.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema};
use lakeport_base::{ByteSize, SqlState};
use lakeport_sql::statement::Kind;
use lakeport_sql::temp::{CreateTemp, CreateTempAs};
use lakeport_sql::types::Origin;
use lakeport_sql::{assign, column_field};

use super::{Prepared, Session, Transaction, done, read_only};
use crate::error::from_sql;
use crate::temp::{Incoming, Pieces, TempColumn, TempTable};
use crate::{Answer, Error, Result, Rows};

/// Most columns of a table (`MaxHeapAttributeNumber`).
const COLUMNS_MAX: usize = 1600;

/// How much of a table's rows may be computed before they are taken in.
pub(super) const WINDOW: ByteSize = ByteSize::mebibytes(4);

/// The columns that every table has.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"];

impl Session {
    /// Runs a statement that only temporary tables take.
    pub(super) async fn temporary(
        &mut self,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        let answer = match &prepared.statement.kind {
            Kind::CreateTemp(create) => self.create_temp(create, prepared).await,
            Kind::CreateTempAs(create) => self.create_temp_as(create, prepared, parameters).await,
            Kind::DropTable { if_exists, names } => self.drop_tables(*if_exists, names).await,
            Kind::Truncate(names) => self.truncate(names).await,
            Kind::Change(change) => self.change(change, prepared, parameters).await,
            _ => Err(Error::new(SqlState::INTERNAL_ERROR, "this statement has nothing to do with tables")),
        }?;
        if self.transaction == Transaction::Idle && !self.in_implicit() {
            self.temp.settle();
        }
        Ok(answer)
    }

    /// CREATE TEMPORARY TABLE with columns.
    async fn create_temp(&mut self, create: &CreateTemp, prepared: &Prepared) -> Result<Answer> {
        let Some(name) = self.free_name(&create.name)? else {
            return self.skipped(&create.name, create.if_not_exists, "CREATE TABLE");
        };
        let mut fields = Vec::with_capacity(create.columns.len());
        for column in &create.columns {
            let field = column_field(&column.name, &column.data_type).map_err(from_sql)?;
            fields.push(field.with_nullable(!column.not_null));
        }
        check_columns(&fields)?;
        let columns: Vec<TempColumn> =
            create.columns.iter().map(|column| TempColumn { default: column.default.clone() }).collect();
        let table = TempTable {
            name,
            schema: Arc::new(Schema::new(fields)),
            columns,
            on_commit: create.on_commit,
            pieces: Vec::new(),
        };
        for target in table.targets().into_iter().filter(|target| target.default.is_some()) {
            let query = assign::default_query(target).map_err(from_sql)?;
            self.planned(&self.planner(), Box::new(query), &prepared.statement, &[]).await?;
        }
        self.temp.put(table)?;
        Ok(done("CREATE TABLE"))
    }

    /// CREATE TEMPORARY TABLE … AS, and SELECT … INTO TEMPORARY.
    async fn create_temp_as(
        &mut self,
        create: &CreateTempAs,
        prepared: &Prepared,
        parameters: Vec<ArrayRef>,
    ) -> Result<Answer> {
        let Some(name) = self.free_name(&create.name)? else {
            return self.skipped(&create.name, create.if_not_exists, "CREATE TABLE AS");
        };
        let rows = self.query(&create.query, prepared, parameters).await?;
        if create.columns.len() > rows.schema.fields().len() {
            return Err(Error::new(SqlState::SYNTAX_ERROR, "too many column names were specified"));
        }
        let fields: Vec<Field> = rows.schema.fields().iter().map(|field| stored(field)).collect();
        let mut fields = fields;
        for (field, name) in fields.iter_mut().zip(&create.columns) {
            *field = field.clone().with_name(name);
        }
        check_columns(&fields)?;
        let schema = Arc::new(Schema::new(fields));
        let columns = vec![TempColumn::default(); schema.fields().len()];
        let mut table = TempTable { name, schema, columns, on_commit: create.on_commit, pieces: Vec::new() };
        let mut tag = "CREATE TABLE AS".to_owned();
        if create.with_data {
            let (pieces, count) = self.taken(rows, &table).await?;
            table.pieces = pieces;
            tag = format!("SELECT {count}");
        }
        self.temp.put(table)?;
        Ok(done(tag))
    }

    /// All rows of an answer, as a table takes them in, and how many they are.
    pub(super) async fn taken(&self, rows: Rows, table: &TempTable) -> Result<(Pieces, usize)> {
        let mut incoming = Incoming::new(&table.name, &table.schema, &self.temp.purse);
        let mut chunks = rows.batches(WINDOW);
        while let Some(batch) = chunks.next().await {
            incoming.take(&batch?)?;
        }
        Ok((incoming.pieces, incoming.rows))
    }

    /// The name of a table to be made; none where it is taken.
    ///
    /// # Errors
    ///
    /// 42P16 for a name in a schema that is not for temporary tables.
    fn free_name(&self, parts: &[String]) -> Result<Option<String>> {
        let (name, is_temp) = match parts {
            [name] => (name, true),
            [schema, name] => (name, self.planner().is_temp(schema)),
            [.., name] => (name, false),
            [] => return Err(Error::new(SqlState::SYNTAX_ERROR, "a table needs a name")),
        };
        if !is_temp {
            return Err(Error::new(
                SqlState::INVALID_TABLE_DEFINITION,
                "cannot create temporary relation in non-temporary schema",
            ));
        }
        Ok((!self.temp.now().contains_key(name)).then(|| name.clone()))
    }

    fn skipped(&self, parts: &[String], if_not_exists: bool, tag: &'static str) -> Result<Answer> {
        let name = parts.last().map_or("", String::as_str);
        let message = format!("relation \"{name}\" already exists");
        if !if_not_exists {
            return Err(Error::new(SqlState::DUPLICATE_TABLE, message));
        }
        let notice = Error::new(SqlState::DUPLICATE_TABLE, format!("{message}, skipping"));
        Ok(Answer::Done { tag: tag.into(), notices: vec![notice] })
    }

    /// The temporary table of this name.
    ///
    /// # Errors
    ///
    /// 25006 where the name is another relation's, which is only read; 42P01 where it is none's.
    pub(super) async fn temp_table(&self, parts: &[String], tag: &str) -> Result<Arc<TempTable>> {
        match self.planner().resolve(parts).await? {
            crate::plan::Resolved::Temp(table) => Ok(table),
            _ => Err(read_only(tag)),
        }
    }

    /// DROP TABLE.
    async fn drop_tables(&mut self, if_exists: bool, names: &[Vec<String>]) -> Result<Answer> {
        let (mut dropped, mut notices) = (Vec::new(), Vec::new());
        for parts in names {
            match self.temp_table(parts, "DROP TABLE").await {
                Ok(table) => dropped.push(table),
                Err(error) if error.sqlstate == SqlState::UNDEFINED_TABLE => {
                    let name = parts.last().map_or("", String::as_str);
                    let message = format!("table \"{name}\" does not exist");
                    if !if_exists {
                        return Err(Error { message, position: None, ..error });
                    }
                    notices.push(Error::new(SqlState::SUCCESSFUL_COMPLETION, format!("{message}, skipping")));
                }
                Err(error) => return Err(error),
            }
        }
        dropped.iter().for_each(|table| self.temp.drop(&table.name));
        Ok(Answer::Done { tag: "DROP TABLE".into(), notices })
    }

    /// TRUNCATE.
    async fn truncate(&mut self, names: &[Vec<String>]) -> Result<Answer> {
        let mut tables = Vec::with_capacity(names.len());
        for parts in names {
            tables.push(self.temp_table(parts, "TRUNCATE TABLE").await?);
        }
        for table in tables {
            self.temp.put(table.with_rows(Vec::new()))?;
        }
        Ok(done("TRUNCATE TABLE"))
    }
}

fn check_columns(fields: &[Field]) -> Result<()> {
    if fields.len() > COLUMNS_MAX {
        let message = format!("tables can have at most {COLUMNS_MAX} columns");
        return Err(Error::new(SqlState::TOO_MANY_COLUMNS, message));
    }
    let mut names = HashSet::with_capacity(fields.len());
    for field in fields {
        let name = field.name().as_str();
        if SYSTEM_COLUMNS.contains(&name) {
            let message = format!("column name \"{name}\" conflicts with a system column name");
            return Err(Error::new(SqlState::DUPLICATE_COLUMN, message));
        }
        if !names.insert(name) {
            let message = format!("column \"{name}\" specified more than once");
            return Err(Error::new(SqlState::DUPLICATE_COLUMN, message));
        }
    }
    Ok(())
}

/// A column of an answer as a table keeps it: with its own texts, and not in others' memory.
fn stored(field: &Field) -> Field {
    let data_type = match field.data_type() {
        DataType::Null | DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, value) => value.as_ref().clone(),
        other => other.clone(),
    };
    Origin::default().mark(field.clone().with_data_type(data_type).with_nullable(true))
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};

    use super::{check_columns, stored};

    #[test]
    fn a_table_has_no_two_columns_of_one_name_and_none_of_the_systems() {
        let fields = |names: [&str; 2]| names.map(|name| Field::new(name, DataType::Int32, true));
        assert!(check_columns(&fields(["a", "A"])).is_ok());
        assert_eq!(check_columns(&fields(["a", "a"])).unwrap_err().sqlstate.code(), "42701");
        assert_eq!(check_columns(&fields(["a", "xmin"])).unwrap_err().sqlstate.code(), "42701");
    }

    #[test]
    fn a_kept_column_has_a_type_that_holds_its_values_itself() {
        assert_eq!(*stored(&Field::new("a", DataType::Utf8View, false)).data_type(), DataType::Utf8);
        assert_eq!(*stored(&Field::new("a", DataType::Null, true)).data_type(), DataType::Utf8);
    }
}
