//! What roles may read, browse and create, and what they see of the rest: nothing.

use std::fs;

use crate::house::{House, answer, check_log, fails, run};

/// Names that stand in `hr` and in `private`, of which `reader` may know nothing but `hirings`.
const HIDDEN: [&str; 4] = ["salaries", "secrets", "private", "maker"];

#[test]
fn a_table_without_a_grant_is_not_there() {
    let house = House::new();
    let server = house.serve();
    assert_eq!(answer(&server, "reader", "select count(*) from sales.orders"), "10\n");
    assert_eq!(answer(&server, "reader", "select count(*) from sales.months"), "50\n");
    assert_eq!(answer(&server, "reader", "select count(*) from hr.hirings"), "50\n");
    assert_eq!(answer(&server, "maker", "select count(*) from hr.salaries"), "40\n");
    // The same words as for a name that nobody ever had.
    let words = |name: &str| {
        let said = fails(&server, "reader", &format!("select * from {name}"), "42P01");
        let line = said.lines().find(|line| line.contains("42P01")).expect("the error's line");
        line.replace(&name.to_lowercase(), "NAME")
    };
    let never = words("hr.nothing");
    for name in ["hr.salaries", "HR.Salaries", "hr.SALARIES", "private.secrets"] {
        assert_eq!(words(name), never, "{name}");
    }
    for statement in [
        "select 1 where exists (select 1 from hr.salaries)",
        "with s as (select * from hr.salaries) select 1 from s",
        "select (select max(id) from hr.salaries)",
        "explain select * from hr.salaries",
        "select 'hr.salaries'::regclass",
        "create view sales.steal as select * from hr.salaries",
    ] {
        let said = run(&server, "reader", statement);
        assert!(
            !said.well && (said.err.contains("42P01:") || said.err.contains("42501:")),
            "{statement}: {said:?}"
        );
    }
    assert_eq!(answer(&server, "reader", "select to_regclass('hr.salaries') is null"), "t\n");
    for user in ["nobody", "browser"] {
        for table in ["sales.orders", "hr.hirings", "hr.salaries"] {
            fails(&server, user, &format!("select * from {table}"), "42P01");
        }
    }
    // A view reads with its owner's rights, here those of the one who wrote the file.
    assert_eq!(answer(&server, "reader", "select count(*) from sales.all_salaries"), "40\n");
    check_log(server, house.folder.path());
}

#[test]
fn catalogs_list_only_what_may_be_read() {
    let house = House::new();
    let server = house.serve();
    for query in [
        "select relname from pg_class",
        "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid where c.relkind in ('r', 'v')",
        "select viewname, definition from pg_views",
        "select schemaname, tablename from pg_tables",
        "select table_schema, table_name from information_schema.tables",
        "select table_name, column_name from information_schema.columns where table_schema not like 'pg%'",
        "select table_name, view_definition from information_schema.views",
        "select nspname from pg_namespace",
        "select description from pg_description",
        "select grantee, table_name from information_schema.table_privileges",
        "\\d",
        "\\d *.*",
        "\\dt *.*",
        "\\d+ hr.*",
        "\\dv+ sales.*",
        "\\sv sales.all_salaries",
        "\\dp *.*",
        "\\dn+",
    ] {
        let said = run(&server, "reader", query);
        let text = format!("{}{}", said.out, said.err);
        for name in HIDDEN {
            // Their own view is called after what it hides.
            let text = text.replace("all_salaries", "").replace("private |", "");
            assert!(!text.contains(name), "{query}: {name}:\n{text}");
        }
    }
    // And what may be read is there, so that an empty list proves nothing above.
    let listed = answer(
        &server,
        "reader",
        "select table_schema || '.' || table_name from information_schema.tables where table_schema in ('hr', 'sales') order by 1",
    );
    assert_eq!(listed, "hr.hirings\nsales.all_salaries\nsales.months\nsales.orders\n");
    let all = answer(&server, "maker", "select count(*) from pg_class where relname = 'salaries'");
    assert_eq!(all, "1\n");
    assert_eq!(
        answer(
            &server,
            "nobody",
            "select count(*) from information_schema.tables where table_schema in ('hr', 'sales')"
        ),
        "0\n"
    );
    check_log(server, house.folder.path());
}

#[test]
fn files_are_read_by_path_only_by_those_who_may_browse() {
    let house = House::new();
    let server = house.serve();
    for (path, rows) in [
        ("sales/orders.parquet", "10\n"),
        ("sales/months", "50\n"),
        ("sales/months/", "50\n"),
        ("sales/months/month=2", "30\n"),
        ("sales/*/*/*.parquet", "50\n"),
        ("sales/months/month=?/a.parquet", "20\n"),
        ("hr/*.parquet", "90\n"),
    ] {
        let query = format!("select count(*) from lake.\"{path}\"");
        assert_eq!(answer(&server, "browser", &query), rows, "{path}");
        assert_eq!(answer(&server, "both", &query), rows, "{path}");
        for user in ["reader", "maker", "nobody"] {
            fails(&server, user, &query, "42P01");
        }
        let other = format!("select count(*) from private.\"{path}\"");
        fails(&server, "browser", &other, "42P01");
    }
    for path in ["files/secrets.parquet", "files", "*", "files/*"] {
        fails(&server, "browser", &format!("select * from private.\"{path}\""), "42P01");
    }
    let columns =
        answer(&server, "browser", "select sum(month), count(distinct version) from lake.\"sales/months\"");
    assert_eq!(columns, "80|1\n");
    check_log(server, house.folder.path());
}

#[test]
fn views_are_made_and_dropped_only_by_those_who_may() {
    let house = House::new();
    let server = house.serve();
    let create = "create view sales.mine as select count(*) as n from sales.orders";
    for user in ["reader", "browser", "nobody"] {
        fails(&server, user, create, "42501");
    }
    fails(&server, "maker", &create.replace("sales.mine", "hr.mine"), "42501");
    fails(&server, "maker", &create.replace("sales.mine", "pg_catalog.mine"), "42501");
    for name in ["sales.\"../mine\"", "sales.\"a/b\"", "sales.\".mine\"", "\"..\".mine", "sales.\"a\\b\""] {
        let said = run(&server, "maker", &create.replace("sales.mine", name));
        assert!(!said.well, "{name}: {said:?}");
    }
    assert!(!house.path("mine.sql").exists() && !house.path("views/mine.sql").exists());
    answer(&server, "maker", create);
    assert!(house.path("views/sales/mine.sql").exists());
    assert_eq!(answer(&server, "reader", "select n from sales.mine"), "10\n");
    for user in ["reader", "browser", "nobody"] {
        for statement in [
            "drop view sales.mine",
            "create or replace view sales.mine as select 1 as n",
            "comment on view sales.mine is 'theirs'",
        ] {
            let said = run(&server, user, statement);
            let refused = said.err.contains("42501:") || (user != "reader" && said.err.contains("42P01:"));
            assert!(!said.well && refused, "{user}: {statement}: {said:?}");
        }
    }
    let text = fs::read_to_string(house.path("views/sales/mine.sql")).expect("the view's file");
    assert!(text.contains("sales.orders") && !text.contains("theirs"), "{text}");
    answer(&server, "maker", "drop view sales.mine");
    assert!(!house.path("views/sales/mine.sql").exists());
    check_log(server, house.folder.path());
}

#[test]
fn a_role_is_taken_on_by_its_members_and_has_its_own_rights() {
    let house = House::new();
    let server = house.serve();
    let acting = |query: &str| run(&server, "clerk", &format!("set role archivist; {query}"));
    let said =
        acting("select current_user || ' ' || session_user || ' ' || (select count(*) from hr.hirings)");
    assert!(said.out.contains("archivist clerk 50"), "{said:?}");
    for (query, code) in [
        // What the user may read by another role.
        ("select count(*) from sales.orders", "42P01"),
        // A user has this name too: what it made would be theirs.
        ("set role reader", "42501"),
        ("set role maker", "22023"),
        ("set role nobody_there", "22023"),
        ("set session authorization maker", "22023"),
        ("set session authorization reader", "42501"),
    ] {
        let said = acting(query);
        assert!(!said.well && said.err.contains(&format!("{code}:")), "{query}: {said:?}");
    }
    let said = acting("reset role; select current_user || ' ' || (select count(*) from sales.orders)");
    assert!(said.out.contains("clerk 10"), "{said:?}");
    // A view is its user's, whoever that acts as.
    acting("create view sales.hired as select id from hr.hirings");
    let text = fs::read_to_string(house.path("views/sales/hired.sql")).expect("the view's file");
    assert!(text.contains("clerk") && !text.contains("archivist"), "{text}");
    check_log(server, house.folder.path());
}

#[test]
fn nobody_becomes_another_and_no_setting_of_the_machinery_is_reached() {
    let house = House::new();
    let server = house.serve();
    for (statement, codes) in [
        ("set datafusion.execution.batch_size = 1", &["42704"][..]),
        ("set datafusion.catalog.location = '/'", &["42704"]),
        ("select set_config('datafusion.execution.batch_size', '1', false)", &["42704", "42883"]),
        ("show datafusion.execution.batch_size", &["42704"]),
        ("reset datafusion.execution.batch_size", &["42704"]),
        ("set role maker", &["22023", "42501", "42704", "0A000"]),
        ("set session authorization maker", &["42501", "0A000", "22023", "55P02"]),
    ] {
        let said = run(&server, "reader", statement);
        assert!(
            !said.well && codes.iter().any(|code| said.err.contains(&format!("{code}:"))),
            "{statement}: {said:?}"
        );
        assert_eq!(answer(&server, "reader", "select current_user || session_user"), "readerreader\n");
    }
    let all = answer(&server, "reader", "show all")
        + &answer(&server, "reader", "select name, setting from pg_settings");
    assert!(
        !all.contains("datafusion") && !all.contains("CANARY") && !all.contains("SCRAM-SHA-256$"),
        "{all}"
    );
    for query in [
        "select rolpassword from pg_roles",
        "select * from pg_user",
        "select passwd from pg_shadow",
        "select rolpassword from pg_authid",
    ] {
        let said = run(&server, "maker", query);
        assert!(!said.out.contains("SCRAM-SHA-256$") && !said.out.contains("CANARY"), "{query}: {said:?}");
    }
    check_log(server, house.folder.path());
}
