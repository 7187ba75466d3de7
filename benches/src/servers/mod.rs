//! The servers that are compared, each started for one run and ended with it.
//!
//! In reading order: a child that is ended when it is dropped (`child`), Lakeport (`lakeport`), PostgreSQL
//! (`postgres`), and the certificate that both show (`certificate`).

mod certificate;
mod child;
mod lakeport;
mod postgres;

pub use certificate::Certificate;
pub use lakeport::{Lakeport, Limits};
pub use postgres::Postgres;
