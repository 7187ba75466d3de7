//! `pg_get_keywords()` and `pg_show_all_settings()`: the words of SQL, and the session's settings.

use lakeport_sql::types::PgType;

use super::call::{Catalog, Definition, Returns, giving};
use crate::cell::Cell;
use crate::copy_text::{rows, value};
use crate::data::KEYWORDS;
use crate::error::Error;
use crate::parameters::Parameter;
use crate::pinned::{Pinned, SettingInfo};

const TEXT: PgType = PgType::TEXT;

const KEYWORD: &[(&str, PgType)] = &[
    ("word", TEXT),
    ("catcode", PgType::CHAR),
    ("barelabel", PgType::BOOL),
    ("catdesc", TEXT),
    ("baredesc", TEXT),
];

/// As `pg_settings` has them.
pub(crate) const SETTING: &[(&str, PgType)] = &[
    ("name", TEXT),
    ("setting", TEXT),
    ("unit", TEXT),
    ("category", TEXT),
    ("short_desc", TEXT),
    ("extra_desc", TEXT),
    ("context", TEXT),
    ("vartype", TEXT),
    ("source", TEXT),
    ("min_val", TEXT),
    ("max_val", TEXT),
    ("enumvals", PgType::TEXT_ARRAY),
    ("boot_val", TEXT),
    ("reset_val", TEXT),
    ("sourcefile", TEXT),
    ("sourceline", PgType::INT4),
    ("pending_restart", PgType::BOOL),
];

pub(super) const FUNCTIONS: &[Definition] = &[
    giving("pg_get_keywords", &[&[]], Returns::Table(KEYWORD), pg_get_keywords),
    giving("pg_show_all_settings", &[&[]], Returns::Table(SETTING), |catalog, _| {
        Ok(Cell::List(settings(catalog.pinned()).map(Cell::List).collect()))
    }),
];

fn pg_get_keywords(_: &Catalog, _: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let keyword = |row: Vec<&'static str>| {
        let cells = row.into_iter().zip(KEYWORD);
        // The file is read in a test, which rules out what cannot be.
        Cell::List(
            cells.map(|(text, (_, pg_type))| value(text, &pg_type.arrow()).unwrap_or(Cell::Null)).collect(),
        )
    };
    Ok(Cell::List(rows(KEYWORDS).map(keyword).collect()))
}

/// The rows of `pg_settings`.
pub(crate) fn settings(pinned: &Pinned) -> impl Iterator<Item = Vec<Cell<'static>>> {
    pinned.settings.iter().filter_map(|info| info.parameter.map(|parameter| setting(info, parameter)))
}

fn setting(info: &SettingInfo, parameter: &'static Parameter) -> Vec<Cell<'static>> {
    let source = if info.value == info.default { "default" } else { "session" };
    let words = parameter.words.iter().map(|word| (*word).into()).collect::<Vec<Cell<'static>>>();
    vec![
        info.name.clone().into(),
        parameter.bare(&info.value).into(),
        parameter.unit.into(),
        parameter.category.into(),
        info.description.into(),
        parameter.details.as_deref().into(),
        parameter.context.into(),
        parameter.vartype.into(),
        source.into(),
        parameter.least.into(),
        parameter.most.into(),
        if words.is_empty() { Cell::Null } else { Cell::List(words) },
        parameter.bare(&info.default).into(),
        parameter.bare(&info.default).into(),
        Cell::Null,
        Cell::Null,
        false.into(),
    ]
}

#[cfg(test)]
mod tests {
    use lakeport_sql::types::PgType;

    use super::KEYWORDS;
    use crate::copy_text::{rows, value};

    #[test]
    fn every_keyword_has_its_five_columns() {
        assert!(rows(KEYWORDS).count() > 400);
        for row in rows(KEYWORDS) {
            assert_eq!(row.len(), 5, "{row:?}");
            value(row[2], &PgType::BOOL.arrow()).unwrap();
        }
    }
}
