//! What all parts share: the options of the run, the tables that are made, the servers over them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::client::Address;
use crate::data::{Table, lineitem, make, parts};
use crate::floor::Floor;
use crate::place::Place;
use crate::servers::{Certificate, Lakeport, Limits, Postgres};
use crate::usage::{own_processor_time, processor_time};

/// What a user may choose.
#[derive(Debug, Clone)]
pub struct Options {
    /// Rows of lineitem.
    pub rows: u64,
    /// How often each path is run.
    pub runs: usize,
    /// The paths of `extract` that are run; all where it is empty.
    pub paths: Vec<String>,
    /// The tables of `odd` that are read; all where it is empty.
    pub tables: Vec<String>,
    /// The servers that are compared.
    pub servers: Vec<String>,
}

impl Options {
    fn wants(&self, server: &str) -> bool {
        self.servers.iter().any(|wanted| wanted == server)
    }
}

/// The servers over one folder of tables.
pub struct Setting {
    /// The folder of tables.
    pub lake: PathBuf,
    /// Lakeport.
    pub lakeport: Option<Lakeport>,
    /// PostgreSQL, where it is installed.
    pub postgres: Option<Postgres>,
    /// The floor.
    pub floor: Option<Floor>,
    /// What the servers show to clients that want TLS.
    pub certificate: Option<Certificate>,
}

impl Setting {
    /// Makes lineitem and a small table beside it, starts the servers and loads PostgreSQL.
    ///
    /// # Errors
    ///
    /// Where one of them does not come up.
    pub fn of_lineitem(place: &Place, options: &Options) -> Result<Setting> {
        let tables = [lineitem(options.rows), parts()];
        let mut setting =
            Setting::start(place, options, &format!("lake_{}", options.rows), &tables, &Limits::default())?;
        if options.wants("floor") {
            setting.floor = Some(Floor::start(&setting.lake.join("lineitem"))?);
        }
        Ok(setting)
    }

    /// Makes these tables in a folder of this name, starts the servers but the floor, and loads PostgreSQL.
    ///
    /// # Errors
    ///
    /// Where one of them does not come up.
    pub fn start(
        place: &Place,
        options: &Options,
        name: &str,
        tables: &[Table],
        limits: &Limits,
    ) -> Result<Setting> {
        let lake = place.cache.join(name);
        for table in tables {
            make(table, &lake)?;
        }
        let certificate = match Certificate::make(&place.scratch) {
            Ok(certificate) => Some(certificate),
            Err(error) => {
                eprintln!("no TLS: {error:#}");
                None
            }
        };
        let lakeport = Lakeport::start(place, &lake, certificate.as_ref(), limits)?;
        let mut postgres = None;
        if options.wants("postgres") {
            postgres = Postgres::start(place, name, certificate.as_ref())?;
            match &postgres {
                Some(postgres) => {
                    tables.iter().try_for_each(|table| postgres.load(table, &lakeport.address()))?;
                }
                None => eprintln!("PostgreSQL is not installed"),
            }
        }
        let lakeport = options.wants("lakeport").then_some(lakeport);
        Ok(Setting { lake, lakeport, postgres, floor: None, certificate })
    }

    /// The servers' names and addresses, in the order in which they take turns.
    pub fn addresses(&self) -> Vec<(&'static str, Address)> {
        let lakeport = self.lakeport.as_ref().map(|server| ("lakeport", server.address()));
        let postgres = self.postgres.as_ref().map(|server| ("postgres", server.address()));
        let floor = self.floor.as_ref().map(|floor| {
            (
                "floor",
                Address {
                    database: "lake".to_owned(),
                    socket: floor.address,
                    user: "bench",
                    authority: None,
                },
            )
        });
        [lakeport, postgres, floor].into_iter().flatten().collect()
    }

    /// The processor time that a server has used so far. PostgreSQL's is complete once its clients have gone.
    ///
    /// # Errors
    ///
    /// Where the system does not tell it.
    pub fn processor_time(&self, server: &str) -> Result<Duration> {
        match (server, &self.lakeport, &self.postgres) {
            ("lakeport", Some(lakeport), _) => processor_time(lakeport.process()),
            ("postgres", _, Some(postgres)) => processor_time(postgres.process()),
            // The floor has the threads of this process but the one that reads.
            _ => Ok(processor_time(std::process::id())?.saturating_sub(own_processor_time()?)),
        }
    }
}
