//! `pg_settings`: the session's settings.

use datafusion::common::Result;

use crate::pinned::Pinned;
use crate::rows::Rows;

pub(super) fn rows(pinned: &Pinned, rows: &mut Rows) -> Result<()> {
    let all = || pinned.settings.iter();
    rows.count(pinned.settings.len());
    rows.fill("name", all().map(|setting| &setting.name))?;
    rows.fill("setting", all().map(|setting| &setting.value))?;
    rows.fill_all("category", "Client Connection Defaults")?;
    rows.fill("short_desc", all().map(|setting| setting.description))?;
    rows.fill_all("context", "user")?;
    rows.fill_all("vartype", "string")?;
    rows.fill(
        "source",
        all().map(|setting| if setting.value == setting.default { "default" } else { "session" }),
    )?;
    rows.fill("boot_val", all().map(|setting| &setting.default))?;
    rows.fill("reset_val", all().map(|setting| &setting.default))?;
    rows.fill_all("pending_restart", false)
}
