//! `lakeport serve` and `lakeport demo`: the doors, until a signal ends them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lakeport_base::Faults;
use lakeport_config::{Settings, Watch};
use lakeport_engine::Engine;
use lakeport_pg::{Options, Tls};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::arguments::{Demo, Doors, Serve};
use crate::{demo, wiring};

/// How often the config and the views are looked at for changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Serves a folder, or what a config names.
pub(crate) fn serve(serve: &Serve) -> Result<()> {
    if serve.lake.dir.is_some() {
        return run(wiring::settings(&serve.lake)?, None, &serve.doors, |_| {});
    }
    let config = serve.lake.config.clone();
    let (settings, watch) = wiring::watched(&config)?;
    run(settings, Some((config, watch)), &serve.doors, |_| {})
}

/// Makes the sample lake where it is not there yet, and serves it.
pub(crate) fn demo(demo: &Demo) -> Result<()> {
    let config = demo::make(&demo.folder)?;
    if demo.make_only {
        return Ok(());
    }
    let (settings, watch) = wiring::watched(&config)?;
    run(settings, Some((config, watch)), &demo.doors, |address| println!("{}", how_to_connect(address)))
}

fn run(
    mut settings: Settings,
    config: Option<(PathBuf, Watch)>,
    doors: &Doors,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    if doors.console.as_deref().is_some_and(|console| console != "off") {
        bail!("--console: there is no web console yet; leave the flag out, or say --console off");
    }
    if let Some(listen) = doors.listen {
        settings.postgres.listen = listen;
        lakeport_config::may_listen(&settings, listen)?;
    }
    let mut options = Options::new(&settings.limits);
    if let Some(tls) = &settings.postgres.tls {
        options = options.with_tls(Tls::new(tls)?);
    }
    let listen = settings.postgres.listen;
    let engine = wiring::engine(settings)?;
    wiring::runtime()?.block_on(async move {
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("{listen} cannot be listened on; --listen ADDRESS takes another, such as --listen 127.0.0.1:5433")
        })?;
        let address = listener.local_addr().context("the door's own address")?;
        println!("lakeport listens for PostgreSQL clients on {address}");
        ready(address);
        let shutdown = CancellationToken::new();
        tokio::spawn(end_at_signal(shutdown.clone()));
        if let Some((config, watch)) = config {
            // A reload leaves the door where it is, whatever the new config says.
            tokio::spawn(reload_at_change(engine.clone(), config, watch, listen, shutdown.clone()));
        }
        lakeport_pg::serve(listener, engine, options, shutdown).await;
        Ok(())
    })
}

/// The first SIGINT or SIGTERM asks everyone to finish; the second ends the program at once.
async fn end_at_signal(shutdown: CancellationToken) {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be waited for; the program ends only by force");
        return;
    };
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    tracing::info!("ending: no new connections, running statements may finish");
    shutdown.cancel();
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    tracing::warn!("ended at once by a second signal");
    std::process::exit(130);
}

/// Reads the config and the views anew when one of their files changes, or at SIGHUP. The watch is that of the settings
/// in force, so that no change since they were read is missed.
async fn reload_at_change(
    engine: Engine,
    config: PathBuf,
    mut watch: Watch,
    listen: SocketAddr,
    shutdown: CancellationToken,
) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    loop {
        let asked = tokio::select! {
            () = shutdown.cancelled() => return,
            _ = hangup.recv() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        // Looking at files blocks, if only for microseconds.
        let looked = tokio::task::spawn_blocking(move || {
            let changed = watch.changed();
            (watch, changed)
        });
        let Ok((same, changed)) = looked.await else { return };
        watch = same;
        if asked || changed {
            let Some((loaded, renewed)) = load(&config).await else { return };
            watch = renewed;
            put_in_force(&engine, loaded, listen).await;
        }
    }
}

async fn load(config: &Path) -> Option<(Result<Settings, Faults>, Watch)> {
    let config = config.to_owned();
    tokio::task::spawn_blocking(move || lakeport_config::load_watched(&config)).await.ok()
}

async fn put_in_force(engine: &Engine, loaded: Result<Settings, Faults>, listen: SocketAddr) {
    let result = match loaded {
        Ok(mut settings) => {
            settings.postgres.listen = listen;
            engine.reload(settings).await
        }
        Err(faults) => Err(faults),
    };
    let Err(faults) = result else {
        tracing::info!("the config was read anew");
        return;
    };
    for fault in &faults.0 {
        tracing::error!(%fault, "the new config has a fault");
    }
    tracing::error!(faults = faults.0.len(), "the old config stays in force");
}

/// What a newcomer needs to connect with each tool.
fn how_to_connect(address: SocketAddr) -> String {
    let (host, port) = (address.ip(), address.port());
    format!(
        r#"
A sample shop: tables shop.orders, shop.customers, shop.products, shop.visits,
views shop.revenue_by_month, shop.best_customers, shop."Orders by Country".

  psql       psql "host={host} port={port} user=demo dbname=lake"
             select * from shop.revenue_by_month order by year, month;
  Tableau    Connect > PostgreSQL: server {host}, port {port}, database lake,
             authentication "Username", user demo, no password
  Power BI   Get data > PostgreSQL database: server {host}:{port}, database lake;
             user demo, any password; encryption off
  DBeaver    New connection > PostgreSQL: host {host}, port {port}, database lake, user demo
  Python     pip install "psycopg[binary]"
             psycopg.connect("host={host} port={port} user=demo dbname=lake")

Ctrl-C ends the server. The lake stays, for the next time."#
    )
}
