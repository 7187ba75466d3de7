//! What can be named at one place: the relations of a FROM clause and their columns.

use arrow::datatypes::DataType;
use datafusion::sql::sqlparser::ast::{Expr, Ident};
use lakeport_base::{SqlState, quote_ident};

use crate::error::{Error, Result};
use crate::plan::CTID;
use crate::resolve::{Output, Resolver, Source, exact, folded};

/// A column that can be named.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// What PostgreSQL calls it.
    pub(super) name: String,
    /// What stands for it in the rewritten query: a qualified name, or for a column merged by
    /// FULL JOIN … USING the expression of both.
    pub(super) target: Expr,
    /// Its type, where it is known.
    pub(super) data_type: Option<DataType>,
    /// The column of a table that it simply is.
    pub(super) source: Option<Source>,
}

/// A relation that can qualify a name.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// Its alias, or the parts of its name.
    pub(super) parts: Vec<String>,
    /// The bare name of its table, which its alias hides.
    pub(super) table: Option<String>,
    /// Its columns.
    pub(super) columns: Vec<Column>,
    /// Whether it is a function that gives values: its name means the value, and no row.
    pub(super) is_value: bool,
    /// Its system columns, which `*` leaves out.
    pub(super) hidden: Vec<Column>,
}

/// What one FROM clause gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// For qualified names.
    pub(super) relations: Vec<Relation>,
    /// For bare names and `*`: the columns in order, those of USING merged.
    pub(super) columns: Vec<Column>,
}

impl Frame {
    /// A frame of one relation, whose columns in the rewritten query are `alias`'s.
    pub(super) fn of_relation(parts: Vec<String>, alias: &str, outputs: &[Output]) -> Self {
        let columns: Vec<Column> = outputs
            .iter()
            .map(|output| Column {
                name: output.name.clone(),
                target: Expr::CompoundIdentifier(vec![exact(alias), exact(&output.internal)]),
                data_type: output.data_type.clone(),
                source: output.source,
            })
            .collect();
        let relation =
            Relation { parts, table: None, columns: columns.clone(), is_value: false, hidden: Vec::new() };
        Self { relations: vec![relation], columns }
    }

    /// Puts the relations of another frame beside these.
    ///
    /// # Errors
    ///
    /// 42712 where both have a relation of one name.
    pub(super) fn add(&mut self, other: Frame) -> Result<()> {
        self.add_relations(other.relations)?;
        self.columns.extend(other.columns);
        Ok(())
    }

    pub(super) fn add_relations(&mut self, relations: Vec<Relation>) -> Result<()> {
        for relation in &relations {
            if self.relations.iter().any(|own| own.parts == relation.parts) {
                let name = relation.parts.last().map_or("", String::as_str);
                let message = format!("table name \"{name}\" specified more than once");
                return Err(Error::new(SqlState::DUPLICATE_ALIAS, message));
            }
        }
        self.relations.extend(relations);
        Ok(())
    }
}

/// How a name is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// As it is.
    Exact,
    /// Without regard to the case of letters.
    Ignored,
}

impl Case {
    /// The ways to compare an identifier, in order: a quoted one is only itself.
    pub(super) fn ways(ident: &Ident) -> &'static [Case] {
        if ident.quote_style.is_some() { &[Case::Exact] } else { &[Case::Exact, Case::Ignored] }
    }

    pub(super) fn fits(self, name: &str, wanted: &str) -> bool {
        match self {
            Self::Exact => name == wanted,
            Self::Ignored => name == wanted || name.to_lowercase() == wanted.to_lowercase(),
        }
    }
}

impl Resolver<'_> {
    /// The column that a bare name means, if there is one.
    pub(super) fn find_column(&self, ident: &Ident) -> Result<Option<Column>> {
        let wanted = folded(ident);
        for case in Case::ways(ident) {
            for frame in self.frames.iter().rev() {
                if let Some(column) = self.only_column(&frame.columns, &wanted, *case, ident)? {
                    return Ok(Some(column));
                }
                let hidden: Vec<Column> =
                    frame.relations.iter().flat_map(|relation| relation.hidden.iter().cloned()).collect();
                if let Some(column) = self.only_column(&hidden, &wanted, Case::Exact, ident)? {
                    return Ok(Some(column));
                }
            }
        }
        Ok(None)
    }

    fn only_column(
        &self,
        columns: &[Column],
        wanted: &str,
        case: Case,
        ident: &Ident,
    ) -> Result<Option<Column>> {
        let mut fitting = columns.iter().filter(|column| case.fits(&column.name, wanted));
        match (fitting.next(), fitting.next()) {
            (first, None) => Ok(first.cloned()),
            (None, Some(_)) => Ok(None),
            (Some(first), Some(second)) => Err(self.ambiguous(wanted, first, second, ident)),
        }
    }

    fn ambiguous(&self, wanted: &str, first: &Column, second: &Column, ident: &Ident) -> Error {
        let mut error =
            Error::new(SqlState::AMBIGUOUS_COLUMN, format!("column reference \"{wanted}\" is ambiguous"));
        if first.name != second.name {
            let (first, second) = (quote_ident(&first.name), quote_ident(&second.name));
            error = error
                .with_detail(format!("It fits {first} and {second}."))
                .with_hint("Write the name in double quotes, exactly as it is.");
        }
        match self.position(ident) {
            Some(position) => error.at(position),
            None => error,
        }
    }

    /// The relation that a qualifier means, if there is one.
    pub(super) fn find_relation(&self, qualifier: &[Ident]) -> Result<Option<&Relation>> {
        let wanted: Vec<String> = qualifier.iter().map(folded).collect();
        let Some(last) = qualifier.last() else { return Ok(None) };
        for case in Case::ways(last) {
            for frame in self.frames.iter().rev() {
                let mut fitting = frame.relations.iter().filter(|relation| fits(relation, &wanted, *case));
                match (fitting.next(), fitting.next()) {
                    (Some(found), None) => return Ok(Some(found)),
                    (Some(_), Some(_)) => {
                        let message = format!("table reference \"{}\" is ambiguous", wanted.join("."));
                        return Err(
                            self.placed(Error::new(SqlState::AMBIGUOUS_ALIAS, message), &qualifier[0])
                        );
                    }
                    (None, _) => {}
                }
            }
        }
        Ok(None)
    }

    /// The column of a relation that a name means.
    pub(super) fn column_of(
        &self,
        relation: &Relation,
        ident: &Ident,
        qualifier: &[Ident],
    ) -> Result<Column> {
        let wanted = folded(ident);
        for case in Case::ways(ident) {
            if let Some(column) = self.only_column(&relation.columns, &wanted, *case, ident)? {
                return Ok(column);
            }
        }
        if let Some(column) = self.only_column(&relation.hidden, &wanted, Case::Exact, ident)? {
            return Ok(column);
        }
        let first = qualifier.first().unwrap_or(ident);
        if wanted == CTID && !relation.hidden.is_empty() {
            return Err(self.placed(no_ctid(), first));
        }
        let qualifier: Vec<String> = qualifier.iter().map(folded).collect();
        let message = format!("column {}.{wanted} does not exist", qualifier.join("."));
        Err(self.unknown_column(message, &wanted, first))
    }

    /// The refusal of a bare name that means no column.
    pub(super) fn unknown_name(&self, ident: &Ident) -> Error {
        let wanted = folded(ident);
        let is_table = |frame: &Frame| frame.relations.iter().any(|relation| !relation.hidden.is_empty());
        if wanted == CTID && self.frames.iter().any(is_table) {
            return self.placed(no_ctid(), ident);
        }
        self.unknown_column(format!("column \"{wanted}\" does not exist"), &wanted, ident)
    }

    fn unknown_column(&self, message: String, wanted: &str, ident: &Ident) -> Error {
        let error = self.placed(Error::new(SqlState::UNDEFINED_COLUMN, message), ident);
        match self.nearest(wanted) {
            Some(name) => error.with_hint(format!("Perhaps you meant to reference the column {name}.")),
            None => error,
        }
    }

    /// The column most like `wanted`, with its relation, if one is close enough to be a slip.
    fn nearest(&self, wanted: &str) -> Option<String> {
        let wanted = wanted.to_lowercase();
        let slips_max = (wanted.chars().count() / 2).min(3);
        self.frames
            .iter()
            .rev()
            .flat_map(|frame| &frame.relations)
            .flat_map(|relation| relation.columns.iter().map(move |column| (relation, column)))
            .map(|(relation, column)| {
                (strsim::damerau_levenshtein(&column.name.to_lowercase(), &wanted), relation, column)
            })
            .filter(|(slips, ..)| *slips <= slips_max)
            .min_by_key(|(slips, ..)| *slips)
            .map(|(_, relation, column)| {
                let relation = relation.parts.last().map_or("", String::as_str);
                format!("\"{relation}.{}\"", column.name)
            })
    }

    /// The refusal of a qualifier that no relation has.
    pub(super) fn unknown_relation(&self, qualifier: &[Ident]) -> Error {
        let name = qualifier.last().map(folded).unwrap_or_default();
        let mut relations = self.frames.iter().rev().flat_map(|frame| &frame.relations);
        if let [_] = qualifier
            && let Some(relation) = relations.find(|relation| relation.table.as_ref() == Some(&name))
        {
            let message = format!("invalid reference to FROM-clause entry for table \"{name}\"");
            let alias = relation.parts.last().map_or("", String::as_str);
            let error = Error::new(SqlState::UNDEFINED_TABLE, message)
                .with_hint(format!("Perhaps you meant to reference the table alias \"{alias}\"."));
            return self.placed(error, &qualifier[0]);
        }
        let message = format!("missing FROM-clause entry for table \"{name}\"");
        self.placed(Error::new(SqlState::UNDEFINED_TABLE, message), &qualifier[0])
    }

    /// An error at the place of an identifier, where that is known.
    pub(super) fn placed(&self, error: Error, ident: &Ident) -> Error {
        match self.position(ident) {
            Some(position) => error.at(position),
            None => error,
        }
    }
}

fn no_ctid() -> Error {
    Error::unsupported("the rows of a table have no ctid")
        .with_hint("Tell rows apart by the columns of a key.")
}

/// Whether a qualifier names a relation. It may say less than the relation's name does, and,
/// since a bare table has a schema too, also more.
fn fits(relation: &Relation, wanted: &[String], case: Case) -> bool {
    relation.parts.iter().rev().zip(wanted.iter().rev()).all(|(name, wanted)| case.fits(name, wanted))
}
