//! Character encodings by number and name.
//!
//! Source: `pg_enc2name_tbl` in PostgreSQL's `encnames.c`.

use lakeport_sql::types::PgType;

use super::call::Parameter::{Int, Text};
use super::call::{Catalog, Definition, strict};
use crate::cell::Cell;
use crate::error::Error;

pub(super) const FUNCTIONS: &[Definition] = &[
    strict("pg_encoding_to_char", &[&[Int]], PgType::NAME, pg_encoding_to_char),
    strict("pg_char_to_encoding", &[&[Text]], PgType::INT4, pg_char_to_encoding),
];

/// The position of a name is its number.
const ENCODINGS: [&str; 42] = [
    "SQL_ASCII",
    "EUC_JP",
    "EUC_CN",
    "EUC_KR",
    "EUC_TW",
    "EUC_JIS_2004",
    "UTF8",
    "MULE_INTERNAL",
    "LATIN1",
    "LATIN2",
    "LATIN3",
    "LATIN4",
    "LATIN5",
    "LATIN6",
    "LATIN7",
    "LATIN8",
    "LATIN9",
    "LATIN10",
    "WIN1256",
    "WIN1258",
    "WIN866",
    "WIN874",
    "KOI8R",
    "WIN1251",
    "WIN1252",
    "ISO_8859_5",
    "ISO_8859_6",
    "ISO_8859_7",
    "ISO_8859_8",
    "WIN1250",
    "WIN1253",
    "WIN1254",
    "WIN1255",
    "WIN1257",
    "KOI8U",
    "SJIS",
    "BIG5",
    "GBK",
    "UHC",
    "GB18030",
    "JOHAB",
    "SHIFT_JIS_2004",
];

fn pg_encoding_to_char(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let number = arguments[0].int().and_then(|number| usize::try_from(number).ok());
    Ok(number.and_then(|number| ENCODINGS.get(number)).copied().unwrap_or("").into())
}

/// -1 for a name that is none. Case and everything but letters and digits make no difference.
fn pg_char_to_encoding(_: &Catalog, arguments: &[Cell<'_>]) -> Result<Cell<'static>, Error> {
    let folded = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = match folded(arguments[0].text().unwrap_or_default()).as_str() {
        "unicode" => "utf8".to_owned(),
        other => other.to_owned(),
    };
    let number = ENCODINGS.iter().position(|name| folded(name) == wanted);
    Ok(number.map_or(-1, |number| number as i32).into())
}
