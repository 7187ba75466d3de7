//! The same tables through each client, text and binary, whole and by portals: always what the files hold.

use lakeport_tests::{Server, demo_lake, java, python};

mod raw;

fn server() -> Server {
    Server::config(&demo_lake().join("lakeport.toml"))
}

fn truth() -> String {
    python("files.py", &[&demo_lake().display().to_string()])
}

fn queries() -> String {
    lakeport_tests::folder().join("clients/queries.txt").display().to_string()
}

#[test]
fn psycopg_reads_what_the_files_hold_as_text_and_as_binary() {
    let (server, truth) = (server(), truth());
    for format in ["text", "binary"] {
        assert_eq!(python("psycopg_sums.py", &[&server.libpq(), format]), truth, "{format}");
    }
}

#[test]
fn pgjdbc_reads_what_the_files_hold_whole_and_by_portals() {
    let (server, truth) = (server(), truth());
    let url = format!("jdbc:postgresql://127.0.0.1:{}/lake?user=test&sslmode=disable", server.port);
    for fetch in ["0", "1000"] {
        assert_eq!(java("Sums.java", &[&url, fetch, &queries()]), truth, "fetch size {fetch}");
    }
}

#[test]
fn tokio_postgres_reads_what_the_files_hold_as_text_as_binary_and_by_portals() {
    let (server, truth) = (server(), truth());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (mut client, connection) =
            tokio_postgres::connect(&server.libpq(), tokio_postgres::NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let queries = std::fs::read_to_string(queries()).expect("the queries");
        let queries: Vec<(&str, &str)> = queries.lines().filter_map(|line| line.split_once('\t')).collect();
        assert_eq!(raw::text(&client, &queries).await, truth, "text");
        assert_eq!(raw::binary(&mut client, &queries, 0).await, truth, "binary");
        assert_eq!(raw::binary(&mut client, &queries, 777).await, truth, "binary by portals");
    });
}
