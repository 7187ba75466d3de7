//! Clients that do not keep to the protocol, or not to good manners.

use std::time::{Duration, Instant};

use lakeport_tests::{Socket, message};

use crate::lake::{Lake, undisturbed};

#[test]
fn a_bind_with_the_wrong_number_of_parameters_is_refused_and_the_session_goes_on() {
    let lake = Lake::new();
    let server = lake.serve("");
    let mut socket = Socket::open(&server);
    let parse = message(b'P', b"s\0select $1::int + $2::int\0\0\0");
    let sync = message(b'S', &[]);
    for count in [0_u16, 1, 3, 1_000, 65_535] {
        let mut bind = b"\0s\0\0\0".to_vec();
        bind.extend(count.to_be_bytes());
        bind.extend([0, 0, 0, 1, b'1'].repeat(usize::from(count)));
        bind.extend([0, 0]);
        socket.send(&[&parse[..], &message(b'B', &bind), &message(b'E', b"\0\0\0\0\0"), &sync].concat());
        let failure = socket.reply().failed("08P01").clone();
        assert!(failure.message.contains('2'), "{failure:?}");
        socket.send(&[message(b'C', b"Ss\0"), sync.clone()].concat());
        assert_eq!(socket.reply().kinds, "3Z");
    }
    // Counts that promise more than the message holds.
    for body in [
        &b"\0s\0\0\0\xff\xff"[..],
        b"\0s\0\0\0\0\x02\xff\xff\xff\xfe",
        b"\0s",
        b"",
        b"\0s\0\0\0\0\x01\x7f\xff\xff\xff",
    ] {
        socket.send(&[message(b'B', body), sync.clone()].concat());
        let reply = socket.reply();
        assert_eq!(reply.code(), "08P01", "{body:?}: {:?}", reply.errors);
        assert!(!reply.closed, "{body:?}");
    }
    assert_eq!(socket.query("select 1").cell(), "1");
}

#[test]
fn garbage_before_the_login_ends_the_connection_and_nothing_else() {
    let lake = Lake::new();
    let server = lake.serve("startup_timeout = \"2s\"");
    undisturbed(&server, || {
        let noise: Vec<u8> =
            (0_u32..4096).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for bytes in [
            b"GET / HTTP/1.1\r\nHost: lake\r\n\r\n".to_vec(),
            b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".repeat(40),
            vec![0; 64],
            vec![0xff; 64],
            noise,
            [&8_u32.to_be_bytes()[..], &1_u32.to_be_bytes()].concat(),
            [&[0x7f, 0xff, 0xff, 0xff][..], &196_608_u32.to_be_bytes(), b"user\0"].concat(),
            [&20_000_u32.to_be_bytes()[..], &196_608_u32.to_be_bytes(), &[b'x'; 19_992]].concat(),
            [&9_u32.to_be_bytes()[..], &196_608_u32.to_be_bytes(), b"\0"].concat(),
            // Statements where a login should be.
            message(b'Q', b"select 1\0"),
        ] {
            let mut socket = Socket::silent(&server);
            socket.send(&bytes);
            let rest = socket.rest();
            // Whatever is said is an error, and no session follows it.
            assert!(matches!(rest.first(), None | Some(b'E' | b'N')), "{:?}", String::from_utf8_lossy(&rest));
            assert!(!rest.windows(6).any(|bytes| bytes == b"Z\0\0\0\x05I"), "a session");
        }
    });
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn garbage_after_the_login_ends_that_session_only() {
    let lake = Lake::new();
    let server = lake.serve("");
    undisturbed(&server, || {
        for bytes in [
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            vec![0; 64],
            vec![0xff; 64],
            b"Q\0\0\0\x03".to_vec(),
            b"Q\xff\xff\xff\xff".to_vec(),
            b"Q\x7f\xff\xff\xff".to_vec(),
            b"!\0\0\0\x04".to_vec(),
        ] {
            let mut socket = Socket::open(&server);
            socket.send(&bytes);
            let reply = socket.reply();
            assert!(reply.closed, "{bytes:?}: {reply:?}");
            let failure = reply.failed(reply.code());
            assert!(failure.severity == "FATAL" && failure.code != "00000", "{bytes:?}: {failure:?}");
        }
        // Whole messages with nonsense in them are told apart from each other, and the session goes on.
        let mut socket = Socket::open(&server);
        for (kind, body) in [
            (b'Q', &b"\xff\xfe\0"[..]),
            (b'P', b"\0sel"),
            (b'D', b"X\0"),
            (b'E', b"\0"),
            (b'C', b""),
            (b'B', b"\0"),
        ] {
            socket.send(&[message(kind, body), message(b'S', &[])].concat());
            let reply = socket.reply();
            assert!(!reply.closed && reply.errors.len() == 1, "{kind}: {reply:?}");
            if kind == b'Q' {
                socket.reply();
            }
        }
        assert_eq!(socket.query("select 1").cell(), "1");
    });
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_client_that_never_speaks_is_shown_out() {
    let lake = Lake::new();
    let server = lake.serve("startup_timeout = \"1s\"\nconnections = 5");
    undisturbed(&server, || {
        let started = Instant::now();
        let mut silent: Vec<Socket> = (0..30).map(|_| Socket::silent(&server)).collect();
        // One that says half of something is no better, nor one that says a byte now and then.
        let mut half = Socket::silent(&server);
        half.send(&[0, 0, 0, 50, 0, 3]);
        // They take no seat from those who log in.
        assert_eq!(Socket::open(&server).query("select 1").cell(), "1");
        for socket in &mut silent {
            assert_eq!(socket.rest(), b"");
        }
        assert_eq!(half.rest(), b"");
        assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
    });
}

#[test]
fn one_that_stops_reading_is_ended_by_the_timeout() {
    let lake = Lake::new();
    let server = lake.serve("");
    undisturbed(&server, || {
        let before = server.resident_bytes();
        let mut lazy = Socket::open(&server);
        lazy.query("set statement_timeout = '2s'");
        lazy.ask("select a, repeat('x', 200) from generate_series(1, 10000) a, generate_series(1, 10000) b");
        std::thread::sleep(Duration::from_secs(4));
        // What waits for it is bounded, and its work has ended.
        assert!(server.resident_bytes() < before + (150 << 20), "{} MiB", server.resident_bytes() >> 20);
        let reply = lazy.reply();
        reply.failed("57014");
        assert!(reply.rows.len() < 10_000_000);
        assert_eq!(lazy.query("select 1").cell(), "1");
    });
}

#[test]
fn there_is_room_for_so_many_clients_and_no_more() {
    let lake = Lake::new();
    let server = lake.serve("connections = 3");
    let mut sockets: Vec<Socket> = (0..3).map(|_| Socket::open(&server)).collect();
    for _ in 0..5 {
        let mut late = Socket::silent(&server);
        let reply = late.log_in();
        let failure = reply.failed("53300");
        assert_eq!((&failure.severity[..], reply.closed), ("FATAL", true));
    }
    for socket in &mut sockets {
        assert_eq!(socket.query("select 1").cell(), "1");
    }
    drop(sockets);
    // A place is free again once the server has noticed.
    let deadline = Instant::now() + Duration::from_secs(10);
    while Socket::silent(&server).log_in().closed {
        assert!(Instant::now() < deadline, "no place becomes free");
    }
}
