//! Statements that end early: cancelled, timed out, left alone, or ended with the server.

use std::time::{Duration, Instant};

use lakeport_tests::{Server, Socket, message};

use crate::lake::{Lake, undisturbed};

/// Longest that stopping may take: a second, and one for busy machines.
const SOON: Duration = Duration::from_secs(2);

/// Statements that would run for minutes, each stuck in another place.
const ENDLESS: [(&str, &str); 11] = [
    ("cross join", "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b"),
    (
        "nested loop",
        "select count(*) from generate_series(1, 100000) a join generate_series(1, 1000000) b on a * b % 7 = 3",
    ),
    (
        "empty loop",
        "select count(*) from generate_series(1, 1000000) a join generate_series(1, 1000000) b on a + b < 0",
    ),
    (
        "skewed join",
        "select count(*) from generate_series(1, 1000000) a join generate_series(1, 1000000) b on a % 2 = b % 2 and a + b < 0",
    ),
    (
        "sort",
        "select * from generate_series(1, 100000) a, generate_series(1, 100000) b order by a * b % 1000003, a",
    ),
    (
        "extract",
        "select a, b, repeat('x', 100) from generate_series(1, 100000) a, generate_series(1, 100000) b",
    ),
    (
        "grouping",
        "select count(*) from (select a, b, count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b group by 1, 2) t",
    ),
    (
        "window",
        "select max(r) from (select row_number() over (order by a * b % 1009) r from generate_series(1, 100000) a, generate_series(1, 100000) b) t",
    ),
    (
        "text",
        "select sum(length(md5(repeat('x', 10000) || a || b))) from generate_series(1, 100000) a, generate_series(1, 100000) b",
    ),
    (
        "recursion",
        "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r",
    ),
    ("filter", "select count(*) from good a, good b, good c, good d where a.id + b.id + c.id + d.id = -1"),
];

/// Waits until the server computes nothing any more.
#[track_caller]
fn check_idle(server: &Server, name: &str) {
    check_idle_within(server, name, SOON + Duration::from_secs(1));
}

#[track_caller]
fn check_idle_within(server: &Server, name: &str, patience: Duration) {
    let deadline = Instant::now() + patience;
    loop {
        let before = server.processor_time();
        std::thread::sleep(Duration::from_millis(300));
        let used = server.processor_time() - before;
        if used <= Duration::from_millis(60) {
            return;
        }
        assert!(Instant::now() < deadline, "{name}: the server still works: {used:?} in 300 ms");
    }
}

fn bounded(lake: &Lake) -> Server {
    lake.serve("memory = \"1GiB\"\nstatement_memory = \"512MiB\"")
}

#[test]
fn a_cancel_ends_a_statement_within_a_second_wherever_it_is() {
    let lake = Lake::new();
    let server = bounded(&lake);
    let mut socket = Socket::open(&server);
    for (name, sql) in ENDLESS {
        for extended in [false, true] {
            if extended {
                let parse = message(b'P', format!("\0{sql}\0\0\0").as_bytes());
                let run = [message(b'B', &[0; 8]), message(b'E', &[0; 5]), message(b'S', &[])].concat();
                socket.send(&[parse, run].concat());
            } else {
                socket.ask(sql);
            }
            std::thread::sleep(Duration::from_millis(400));
            let asked = Instant::now();
            socket.cancel(&server);
            let reply = socket.reply();
            reply.failed("57014");
            assert!(asked.elapsed() < SOON, "{name}: {:?}", asked.elapsed());
            assert_eq!(socket.query("select 1").cell(), "1", "{name}");
            check_idle(&server, name);
        }
    }
}

#[test]
fn a_client_that_goes_away_takes_its_work_along() {
    let lake = Lake::new();
    let server = bounded(&lake);
    for (name, sql) in ENDLESS {
        let mut socket = Socket::open(&server);
        socket.ask(sql);
        std::thread::sleep(Duration::from_millis(400));
        drop(socket);
        check_idle(&server, name);
    }
    assert_eq!(Socket::open(&server).query("select 1").cell(), "1");
}

#[test]
fn a_timeout_ends_planning_execution_and_writing() {
    let lake = Lake::new();
    let server = bounded(&lake);
    undisturbed(&server, || {
        let mut socket = Socket::open(&server);
        socket.query("set statement_timeout = 500");
        let columns: Vec<String> = (0..40_000).map(|index| format!("id + {index} as c{index}")).collect();
        let plan = format!("select {} from good", columns.join(", "));
        let statements = ENDLESS.iter().map(|(name, sql)| (*name, *sql)).chain([("plan", &plan[..])]);
        for (name, sql) in statements {
            let asked = Instant::now();
            let reply = socket.query(sql);
            // A plan may also be refused for its size, before its time is over.
            let code = if name == "plan" && reply.code() == "54011" { "54011" } else { "57014" };
            let failure = reply.failed(code);
            assert!(code == "54011" || failure.message.contains("statement timeout"), "{name}: {failure:?}");
            assert!(asked.elapsed() < Duration::from_millis(500) + SOON, "{name}: {:?}", asked.elapsed());
        }
        socket.query("reset statement_timeout");
        assert_eq!(socket.query("select 1").cell(), "1");
    });
    // Planning looks up between its rules, each of which may take a while.
    check_idle_within(&server, "after timeouts", Duration::from_secs(15));
}

#[test]
fn the_end_of_the_server_ends_statements_after_their_grace() {
    let lake = Lake::new();
    let server = lake.serve("shutdown_grace = \"2s\"");
    let (mut idle, mut busy, mut slow) =
        (Socket::open(&server), Socket::open(&server), Socket::open(&server));
    busy.ask(ENDLESS[0].1);
    // More than the sockets hold: it is on its way when the server is asked to end.
    slow.ask("select g, repeat('x', 500) from generate_series(1, 30000) g");
    std::thread::sleep(Duration::from_millis(200));
    let asked = Instant::now();
    server.signal(15);
    // Who waits is sent home at once, who computes may finish, and new ones are told to come later.
    let failure = idle.reply().failed("57P01").clone();
    assert_eq!(failure.severity, "FATAL");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    Socket::silent(&server).log_in().failed("57P03");
    assert_eq!(slow.reply().rows.len(), 30_000);
    let reply = busy.reply();
    reply.failed("57P01");
    assert!(reply.closed);
    let took = asked.elapsed();
    assert!(took >= Duration::from_millis(1_900) && took < Duration::from_secs(2) + SOON, "{took:?}");
    drop((idle, busy, slow));
    let (code, log) = server.wait();
    assert_eq!(code, Some(0), "{log}");
}
