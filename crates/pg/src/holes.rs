//! Ten holes that servers of this protocol have had, one test each (some two): none may be here.

use crate::testing::{
    Client, Server, bind, execute, field, message, million_rows, packet, parse, startup, sync,
};

const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A first SASL message of a user with some nonce.
fn sasl_first() -> Vec<u8> {
    let first = b"n,,n=,r=abcdefghijkl";
    let length = (first.len() as i32).to_be_bytes();
    message(b'p', &[&b"SCRAM-SHA-256\0"[..], &length, first].concat())
}

/// Answers the server's first SASL message with a proof that is none.
async fn wrong_password(client: &mut Client, user: &str) -> Vec<(u8, Vec<u8>)> {
    client.send(&startup(3 << 16, format!("user\0{user}\0\0").as_bytes())).await;
    let mut seen = vec![client.message().await.unwrap()];
    client.send(&sasl_first()).await;
    seen.push(client.message().await.unwrap());
    let server_first = String::from_utf8(seen[1].1[4..].to_vec()).unwrap();
    let nonce = server_first.split(',').next().unwrap();
    let proof = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    client.send(&message(b'p', format!("c=biws,{nonce},p={proof}").as_bytes())).await;
    seen.push(client.message().await.unwrap());
    seen
}

#[tokio::test]
async fn hole_1_an_error_of_the_login_is_fatal_and_no_query_runs_behind_it() {
    let server = Server::guarded();
    for kind in *b"QPBEFdSXHDCc!" {
        let mut client = server.connect();
        client.send(&startup(3 << 16, b"user\0ann\0\0")).await;
        assert_eq!(client.message().await.unwrap().0, b'R');
        client.send(&message(kind, b"SELECT 1\0")).await;
        let answer = client.end().await;
        let expected = if kind == b'X' { "" } else { "E(08P01)" };
        assert_eq!(answer, expected, "{}", char::from(kind));
    }
    let mut client = server.connect();
    let answer = wrong_password(&mut client, "ann").await.pop().unwrap();
    assert_eq!((answer.0, field(&answer.1, b'S').as_str()), (b'E', "FATAL"));
    assert_eq!(field(&answer.1, b'M'), "password authentication failed for user \"ann\"");
    assert!(client.message().await.is_none());
}

#[tokio::test]
async fn hole_2_a_row_limit_allocates_nothing() {
    let server = Server::open();
    for rows_max in [i32::MAX, i32::MIN, -1] {
        let mut client = server.client().await;
        let batch = [parse("", "SELECT 1 AS a"), bind("", ""), execute("", rows_max), sync()].concat();
        client.send(&batch).await;
        assert_eq!(client.ready().await, "1 2 D C(SELECT 1) Z(I)", "{rows_max}");
    }
}

#[tokio::test]
async fn hole_3_an_answer_without_a_row_limit_is_streamed() {
    let server = Server::open();
    // More than the process could hold as messages, behind a window of 64 KiB: rows come at once.
    let mut client = server.client().await;
    let batch = [parse("", &million_rows(11)), bind("", ""), execute("", 0), sync()].concat();
    client.send(&batch).await;
    for expected in [b'1', b'2', b'D', b'D', b'D'] {
        assert_eq!(client.message().await.unwrap().0, expected);
    }
    drop(client.stream);
    client.served.await.unwrap();
}

#[tokio::test]
async fn hole_4_bytes_behind_a_request_for_tls_end_the_connection() {
    let server = Server::open();
    let mut client = server.connect();
    let injected = [&SSL_REQUEST[..], &startup(3 << 16, b"user\0eve\0\0")].concat();
    client.send(&injected).await;
    assert_eq!(client.end().await, "E(08P01)");

    let mut client = server.connect();
    client.send(&SSL_REQUEST).await;
    let mut answer = [0];
    tokio::io::AsyncReadExt::read_exact(&mut client.stream, &mut answer).await.unwrap();
    assert_eq!(answer, *b"N");
    client.send(&SSL_REQUEST).await;
    assert_eq!(client.end().await, "E(08P01)");
}

#[tokio::test]
async fn hole_5_nothing_long_is_read_before_the_login_nor_beyond_the_limit_after_it() {
    let server = Server::guarded();
    let mut client = server.connect();
    client.send(&10_001_i32.to_be_bytes()).await;
    assert_eq!(client.end().await, "E(08P01)");
    let mut client = server.connect();
    client.send(&startup(3 << 16, b"user\0ann\0\0")).await;
    client.message().await;
    client.send(b"p\0\x01\0\0").await;
    assert_eq!(client.end().await, "E(08P01)");

    let server = Server::open();
    let mut client = server.client().await;
    client.send(b"Q\x04\0\0\0").await;
    assert_eq!(client.end().await, "E(08P01)");
}

#[tokio::test]
async fn hole_6_lengths_and_counts_that_lie_are_errors() {
    for length in [0, 1, 3, -1, i32::MAX] {
        let server = Server::guarded();
        let mut client = server.connect();
        client.send(&startup(3 << 16, b"user\0ann\0\0")).await;
        client.message().await;
        client.send(&[&b"p"[..], &i32::to_be_bytes(length)].concat()).await;
        assert_eq!(client.end().await, "E(08P01)", "{length}");
    }
    let server = Server::open();
    let mut client = server.client().await;
    for lie in [&b"\0SELECT 1\0\xff\xff"[..], b"\0SELECT 1\0\0\x01", b"\0SELECT 1", b"", b"\0SELECT 1\0\0\0x"]
    {
        client.send(&[message(b'P', lie), sync()].concat()).await;
        assert_eq!(client.ready().await, "E(08P01) Z(I)", "{lie:?}");
    }
    for lie in [
        &b"\0\0\xff\xff"[..],
        b"\0\0\0\0\xff\xff",
        b"\0\0\0\0\0\x01\x7f\xff\xff\xff",
        b"\0\0\0\0\0\0\xff\xff",
    ] {
        client.send(&[parse("", "SELECT 1"), message(b'B', lie), sync()].concat()).await;
        assert_eq!(client.ready().await, "1 E(08P01) Z(I)", "{lie:?}");
    }
}

#[tokio::test]
async fn hole_7_a_cancel_request_ends_a_statement_that_sends_rows() {
    let server = Server::open();
    let mut client = server.client().await;
    client.send(&message(b'Q', &[million_rows(11).as_bytes(), b"\0"].concat())).await;
    assert_eq!(client.message().await.unwrap().0, b'T');
    assert_eq!(client.message().await.unwrap().0, b'D');
    let mut other = server.connect();
    let cancel =
        [&(1234 << 16 | 5678_i32).to_be_bytes()[..], &client.id.to_be_bytes(), &client.secret].concat();
    other.send(&packet(&cancel)).await;
    assert_eq!(other.end().await, "");
    let answer = client.ready().await;
    assert!(answer.ends_with("D E(57014) Z(I)"), "{}", &answer[answer.len() - 40..]);
    assert_eq!(client.query("SELECT 1 AS a").await, "T D C(SELECT 1) Z(I)");
}

#[tokio::test]
async fn hole_8_bytes_that_are_no_utf_8_are_nobodys_name_and_no_sql() {
    let server = Server::open();
    let mut client = server.connect();
    client.send(&startup(3 << 16, b"user\0\xff\0\0")).await;
    assert_eq!(client.end().await, "E(28000)");
    let mut client = server.client().await;
    client.send(&message(b'Q', b"SELECT '\xc3'\0")).await;
    assert_eq!(client.ready().await, "E(22021) Z(I)");
    client.send(&[message(b'P', b"\xff\0SELECT 1\0\0\0"), sync()].concat()).await;
    assert_eq!(client.ready().await, "E(22021) Z(I)");
}

#[tokio::test]
async fn hole_9_a_fault_of_the_protocol_is_told_before_the_end() {
    let server = Server::open();
    for bytes in [&b"?\0\0\0\x04"[..], b"Q\0\0\0\x03", b"S\0\0\xff\xff"] {
        let mut client = server.client().await;
        client.send(bytes).await;
        let (kind, body) = client.message().await.unwrap();
        assert_eq!(
            (kind, field(&body, b'S').as_str(), field(&body, b'C').as_str()),
            (b'E', "FATAL", "08P01")
        );
        assert!(client.message().await.is_none());
    }
}

#[tokio::test]
async fn hole_10_an_unknown_user_looks_like_a_wrong_password() {
    let server = Server::guarded();
    let mut shapes = Vec::new();
    for user in ["ann", "eve", "eve"] {
        let mut client = server.connect();
        let seen = wrong_password(&mut client, user).await;
        let salt = String::from_utf8_lossy(&seen[1].1).split(",s=").nth(1).unwrap().to_owned();
        let lengths: Vec<_> = seen.iter().map(|(kind, body)| (*kind, body.len())).collect();
        shapes.push((lengths, field(&seen[2].1, b'C'), salt));
    }
    assert_eq!((&shapes[0].0, &shapes[0].1), (&shapes[1].0, &shapes[1].1));
    assert_eq!(shapes[1].2, shapes[2].2, "the salt of a user that is not there is always the same");
}
