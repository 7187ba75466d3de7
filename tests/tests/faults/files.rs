//! Files that should be Parquet and are not, or only barely.

use std::fs;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array};
use arrow::record_batch::RecordBatch;
use lakeport_tests::{Socket, psql_as};

use crate::lake::{Lake, undisturbed};
use crate::small;

#[test]
fn damaged_files_are_named_and_hurt_nobody_else() {
    let lake = Lake::new();
    small::write_version(&lake.path("whole.parquet"), 50_000, "whole");
    let whole = fs::read(lake.path("whole.parquet")).expect("a file");
    let footer_length = &whole[whole.len() - 8..whole.len() - 4];
    let footer_at =
        whole.len() - 8 - u32::from_le_bytes(footer_length.try_into().expect("four bytes")) as usize;
    let with = |at: usize, bytes: &[u8]| {
        let mut damaged = whole.clone();
        damaged[at..at + bytes.len()].copy_from_slice(bytes);
        damaged
    };
    let footer = |length: u32| [b"PAR1".as_slice(), &[0; 100], &length.to_le_bytes(), b"PAR1"].concat();
    let noise: Vec<u8> = (0..whole.len() - 12 - 8).map(|index| ((index * 7919) >> 3) as u8).collect();
    let cases = [
        ("half", whole[..whole.len() / 2].to_vec()),
        ("beheaded", whole[..whole.len() - 1].to_vec()),
        ("text", b"id,version\n1,a\n".repeat(100)),
        ("magic", b"PAR1".to_vec()),
        ("byte", b"P".to_vec()),
        ("long_footer", footer(0x7FFF_FFFF)),
        ("longest_footer", footer(u32::MAX)),
        ("no_footer", footer(0)),
        ("zero_footer", footer(100)),
        ("noisy_footer", with(footer_at, &noise[..whole.len() - 8 - footer_at])),
        ("noisy_pages", with(4, &noise[..footer_at - 4])),
        ("zero_pages", with(4, &vec![0; footer_at - 4])),
    ];
    for (name, bytes) in &cases {
        fs::write(lake.path(&format!("{name}.parquet")), bytes).expect("a file");
    }
    // One bad file among good ones makes a bad table, and the message says which file it is.
    small::write_version(&lake.path("mixed/a.parquet"), 10, "a");
    fs::write(lake.path("mixed/b.parquet"), &cases[0].1).expect("a file");

    let server = lake.serve("");
    undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        for (name, _) in &cases {
            // The sum reads every page; the footer alone answers a count.
            let reply = socket.query(&format!("select sum(id), count(distinct version) from {name}"));
            let failure = reply.failed("XX001");
            // Damage behind a good footer is found by decoders, which do not know the file's name.
            let named = failure.message.contains(&format!("{name}.parquet"));
            assert!(named || name.ends_with("_pages"), "{name}: {failure:?}");
            assert!(!failure.message.contains("incident"), "{name}: {failure:?}");
        }
        let failure = socket.query("select count(*) from mixed").failed("XX001").clone();
        assert!(failure.message.contains("mixed/b.parquet"), "{failure:?}");
        assert_eq!(socket.query("select count(*) from whole").cell(), "50000");
        // They are listed with what is known of them: nothing but the name.
        let listed = psql_as(&server.libpq(), "\\d");
        assert!(listed.well && listed.out.contains("good") && listed.out.contains("half"), "{listed:?}");
    });
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn a_file_without_rows_is_a_table_without_rows() {
    let lake = Lake::new();
    small::write_version(&lake.path("nothing.parquet"), 0, "");
    small::write_version(&lake.path("some/a.parquet"), 0, "");
    small::write_version(&lake.path("some/b.parquet"), 5, "b");
    let server = lake.serve("");
    let mut socket = Socket::open(&server);
    let reply = socket.query("select * from nothing");
    assert_eq!((&reply.kinds[..], &reply.tags[..]), ("TCZ", &["SELECT 0".to_owned()][..]), "{reply:?}");
    assert_eq!(socket.query("select count(*) from nothing").cell(), "0");
    assert_eq!(socket.query("select max(id) from nothing").cell(), "NULL");
    assert_eq!(socket.query("select count(*) from \"some\"").cell(), "5");
}

/// ADLS Gen2 shows folders as files without bytes, so such a file is no table and spoils none.
#[test]
fn a_file_without_bytes_is_not_there() {
    let lake = Lake::new();
    fs::write(lake.path("empty.parquet"), b"").expect("a file");
    small::write_version(&lake.path("some/a.parquet"), 5, "a");
    fs::write(lake.path("some/b.parquet"), b"").expect("a file");
    let server = lake.serve("");
    undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        socket.query("select * from empty").failed("42P01");
        assert_eq!(socket.query("select count(*) from \"some\"").cell(), "5");
    });
}

#[test]
fn five_thousand_columns_are_described_and_read() {
    const COLUMNS: i32 = 5_000;
    let lake = Lake::new();
    let columns = (0..COLUMNS).map(|index| {
        let values: ArrayRef = Arc::new(Int32Array::from(vec![index, -index]));
        (format!("column_{index}"), values)
    });
    small::write(&lake.path("wide.parquet"), &RecordBatch::try_from_iter(columns).expect("a batch"));
    let server = lake.serve("");
    undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        let reply = socket.query("select * from wide order by column_1 desc");
        assert_eq!(reply.code(), "00000", "{:?}", reply.errors);
        assert_eq!(reply.rows.len(), 2);
        for (index, cell) in reply.rows[0].iter().enumerate() {
            assert_eq!(cell.as_deref(), Some(index.to_string().as_bytes()));
        }
        assert_eq!(socket.query("select sum(column_4999) from wide where column_17 > 0").cell(), "4999");
        let attributes = "select count(*) from pg_attribute where attrelid = 'wide'::regclass and attnum > 0";
        assert_eq!(socket.query(attributes).cell(), "5000");
    });
}
