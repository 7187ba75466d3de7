//! One session with a server, byte by byte, and its answers with everything that a client can see of them.

use lakeport_tests::{Socket, message};

/// A session.
pub(crate) struct Talk {
    socket: Socket,
    /// What the server said about its settings at the start.
    pub(crate) settings: Vec<(String, String)>,
}

/// What a server said up to a ReadyForQuery, or up to its end.
#[derive(Debug, Default, Clone)]
pub(crate) struct Answer {
    /// The types of all messages in their order; runs of DataRow count as one.
    pub(crate) kinds: String,
    /// One part for each statement that was answered.
    pub(crate) parts: Vec<Part>,
    /// The types of parameters, from ParameterDescription.
    pub(crate) parameters: Option<Vec<u32>>,
    /// Settings that changed.
    pub(crate) settings: Vec<(String, String)>,
    /// The SQLSTATEs of notices.
    pub(crate) notices: Vec<String>,
    /// The byte of ReadyForQuery; 0 where the server hung up instead.
    pub(crate) status: u8,
}

/// The answer to one statement.
#[derive(Debug, Default, Clone)]
pub(crate) struct Part {
    /// The columns, where there was a RowDescription.
    pub(crate) columns: Option<Vec<Column>>,
    /// The rows, cells as they were sent.
    pub(crate) rows: Vec<Vec<Option<Vec<u8>>>>,
    /// What was copied out.
    pub(crate) copied: Vec<u8>,
    /// The tag, an empty one for EmptyQueryResponse.
    pub(crate) tag: Option<String>,
    /// Whether the portal was suspended.
    pub(crate) is_suspended: bool,
    /// The error.
    pub(crate) error: Option<Failure>,
}

/// One field of a RowDescription.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) table: u32,
    pub(crate) number: i16,
    pub(crate) kind: u32,
    pub(crate) size: i16,
    pub(crate) modifier: i32,
    pub(crate) format: i16,
}

/// An error's fields.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) position: String,
}

impl Talk {
    /// A session of this user; what the server said where it refuses.
    pub(crate) fn connect(address: &str, user: &str, database: &str) -> Result<Talk, Box<Answer>> {
        Talk::connect_with(address, &[("user", user), ("database", database)])
    }

    /// A session with these start-up parameters.
    pub(crate) fn connect_with(address: &str, parameters: &[(&str, &str)]) -> Result<Talk, Box<Answer>> {
        let mut talk = Talk { socket: Socket::at(address), settings: Vec::new() };
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        for (name, value) in parameters {
            body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        talk.socket.packet(&body);
        let answer = talk.answer();
        if answer.status == 0 || answer.failure().is_some() {
            return Err(Box::new(answer));
        }
        talk.settings.clone_from(&answer.settings);
        Ok(talk)
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.socket.send(bytes);
    }

    /// Sends one Query message and reads its answer.
    pub(crate) fn query(&mut self, sql: &str) -> Answer {
        self.socket.ask(sql);
        self.answer()
    }

    /// Sends one Query message that must not fail.
    #[track_caller]
    pub(crate) fn must(&mut self, sql: &str) -> Answer {
        let answer = self.query(sql);
        assert!(answer.status != 0 && answer.failure().is_none(), "{sql}: {answer:?}");
        answer
    }

    /// Reads up to the next ReadyForQuery, or to the end.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut answer = Answer::default();
        let mut part = None;
        while let Some((kind, body)) = self.socket.next() {
            if kind != b'D' || !answer.kinds.ends_with('D') {
                answer.kinds.push(char::from(kind));
            }
            answer.take(kind, &body, &mut part);
            if kind == b'Z' {
                break;
            }
        }
        answer.parts.extend(part);
        answer
    }
}

impl Answer {
    /// The first error.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.parts.iter().find_map(|part| part.error.as_ref())
    }

    /// The cells of all rows as text, NULL as `NULL`; cells between bars.
    pub(crate) fn lines(&self) -> Vec<String> {
        let cell = |cell: &Option<Vec<u8>>| {
            cell.as_ref().map_or("NULL".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        let rows = self.parts.iter().flat_map(|part| &part.rows);
        rows.map(|row| row.iter().map(cell).collect::<Vec<_>>().join("|")).collect()
    }

    fn take(&mut self, kind: u8, body: &[u8], part: &mut Option<Part>) {
        match kind {
            b'T' => part.get_or_insert_default().columns = Some(columns(body)),
            b'D' => {
                let part = part.get_or_insert_default();
                if part.columns.is_none() {
                    // A portal goes on after it was suspended: its columns were told before.
                    part.columns = self.parts.last().and_then(|last| last.columns.clone());
                }
                part.rows.push(cells(body));
            }
            b'd' => part.get_or_insert_default().copied.extend(body),
            b'C' | b'I' | b's' | b'E' => {
                let mut done = part.take().unwrap_or_default();
                match kind {
                    b's' => done.is_suspended = true,
                    b'E' => done.error = Some(failure(body)),
                    _ => done.tag = Some(text(body)),
                }
                self.parts.push(done);
            }
            b't' => self.parameters = Some(body[2..].chunks(4).map(u32_of).collect()),
            b'S' => self.settings.push(pair(body)),
            b'N' => self.notices.push(failure(body).code),
            b'Z' => self.status = body[0],
            _ => {}
        }
    }
}

/// A Parse message: an unnamed statement where the name is empty.
pub(crate) fn parse(name: &str, sql: &str, types: &[u32]) -> Vec<u8> {
    let mut body = [name.as_bytes(), b"\0", sql.as_bytes(), b"\0"].concat();
    body.extend(count(types.len()));
    body.extend(types.iter().flat_map(|kind| kind.to_be_bytes()));
    message(b'P', &body)
}

/// A Bind message with the format codes as given.
pub(crate) fn bind(
    portal: &str,
    statement: &str,
    values: &[Option<Vec<u8>>],
    sent: &[u16],
    wanted: &[u16],
) -> Vec<u8> {
    let codes = |codes: &[u16]| -> Vec<u8> { codes.iter().flat_map(|code| code.to_be_bytes()).collect() };
    let mut body = [portal.as_bytes(), b"\0", statement.as_bytes(), b"\0"].concat();
    body.extend(count(sent.len()));
    body.extend(codes(sent));
    body.extend(count(values.len()));
    for value in values {
        match value {
            Some(value) => {
                body.extend(u32::try_from(value.len()).expect("short").to_be_bytes());
                body.extend(value);
            }
            None => body.extend((-1_i32).to_be_bytes()),
        }
    }
    body.extend(count(wanted.len()));
    body.extend(codes(wanted));
    message(b'B', &body)
}

/// A Describe message: `S` for a statement, `P` for a portal.
pub(crate) fn describe(what: u8, name: &str) -> Vec<u8> {
    message(b'D', &[&[what][..], name.as_bytes(), b"\0"].concat())
}

/// An Execute message; 0 rows means all.
pub(crate) fn execute(portal: &str, rows_max: u32) -> Vec<u8> {
    message(b'E', &[portal.as_bytes(), b"\0", &rows_max.to_be_bytes()].concat())
}

/// A Close message: `S` for a statement, `P` for a portal.
pub(crate) fn close(what: u8, name: &str) -> Vec<u8> {
    message(b'C', &[&[what][..], name.as_bytes(), b"\0"].concat())
}

/// A Sync message.
pub(crate) fn sync() -> Vec<u8> {
    message(b'S', b"")
}

/// A Query message.
pub(crate) fn query(sql: &str) -> Vec<u8> {
    message(b'Q', &[sql.as_bytes(), b"\0"].concat())
}

fn count(count: usize) -> [u8; 2] {
    u16::try_from(count).expect("few").to_be_bytes()
}

fn u32_of(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().expect("four bytes"))
}

fn i16_of(bytes: &[u8]) -> i16 {
    i16::from_be_bytes(bytes[..2].try_into().expect("two bytes"))
}

fn columns(body: &[u8]) -> Vec<Column> {
    let (mut found, mut rest) = (Vec::new(), &body[2..]);
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let fixed = &rest[end + 1..end + 19];
        found.push(Column {
            name: text(&rest[..end]),
            table: u32_of(fixed),
            number: i16_of(&fixed[4..]),
            kind: u32_of(&fixed[6..]),
            size: i16_of(&fixed[10..]),
            modifier: i32::from_be_bytes(fixed[12..16].try_into().expect("four bytes")),
            format: i16_of(&fixed[16..]),
        });
        rest = &rest[end + 19..];
    }
    found
}

fn cells(body: &[u8]) -> Vec<Option<Vec<u8>>> {
    let (mut found, mut rest) = (Vec::new(), &body[2..]);
    while !rest.is_empty() {
        let length = i32::from_be_bytes(rest[..4].try_into().expect("four bytes"));
        rest = &rest[4..];
        found.push(usize::try_from(length).ok().map(|length| {
            let cell = rest[..length].to_vec();
            rest = &rest[length..];
            cell
        }));
    }
    found
}

fn failure(body: &[u8]) -> Failure {
    let mut failure = Failure::default();
    for field in body.split(|byte| *byte == 0).filter(|field| !field.is_empty()) {
        let value = text(&field[1..]);
        match field[0] {
            b'V' => failure.severity = value,
            b'C' => failure.code = value,
            b'M' => failure.message = value,
            b'P' => failure.position = value,
            _ => {}
        }
    }
    failure
}

fn pair(body: &[u8]) -> (String, String) {
    let mut parts = body.split(|byte| *byte == 0).map(text);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).trim_end_matches('\0').to_owned()
}
