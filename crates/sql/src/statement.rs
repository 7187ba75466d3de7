//! Statements: what a text asks for, sorted by who answers it.

use datafusion::sql::sqlparser::ast;

use crate::types::PgType;

use crate::copy::CopyTo;
use crate::explain::Explain;
use crate::temp::{Change, CreateTemp, CreateTempAs};

/// One statement of a text.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The statement as it was written, without the semicolon.
    pub text: String,
    /// Where it begins in the whole text, counted in characters from 0: the base of error positions.
    pub start: usize,
    /// What it asks for.
    pub kind: Kind,
}

/// What a statement asks for.
#[derive(Debug, Clone)]
pub enum Kind {
    /// SELECT, VALUES, TABLE or WITH: answered with rows.
    Query(Box<ast::Query>),
    /// EXPLAIN of a query.
    Explain(Explain),
    /// SET, SET LOCAL, SET NAMES, SET TIME ZONE, SET ROLE …
    Set(Set),
    /// SET TRANSACTION and SET SESSION CHARACTERISTICS: one setting for each mode that was written,
    /// `transaction_isolation` and its kin, or `default_transaction_isolation` and its kin.
    SetTransaction(Vec<Set>),
    /// SHOW of one setting, by its folded name; `all` for all of them.
    Show(String),
    /// RESET of one setting, by its folded name; `all` for all of them.
    Reset(String),
    /// BEGIN or START TRANSACTION.
    Begin {
        /// START TRANSACTION, which has its own tag.
        start: bool,
        /// One setting for each mode that was written, `transaction_isolation` and its kin.
        modes: Vec<Set>,
    },
    /// COMMIT or END.
    Commit {
        /// AND CHAIN
        chain: bool,
    },
    /// ROLLBACK or ABORT.
    Rollback {
        /// AND CHAIN
        chain: bool,
    },
    /// SAVEPOINT
    Savepoint(String),
    /// RELEASE SAVEPOINT
    Release(String),
    /// ROLLBACK TO SAVEPOINT
    RollbackTo(String),
    /// DECLARE CURSOR.
    Declare(Declare),
    /// FETCH and MOVE.
    Fetch(Fetch),
    /// CREATE VIEW.
    CreateView(CreateView),
    /// ALTER VIEW or ALTER TABLE … RENAME TO.
    RenameView(RenameView),
    /// DROP VIEW.
    DropView(DropView),
    /// CREATE SCHEMA.
    CreateSchema {
        /// IF NOT EXISTS
        if_not_exists: bool,
        /// The schema.
        name: String,
    },
    /// COMMENT ON VIEW; no text removes the comment.
    CommentOnView {
        /// The view, with its schema where one was written.
        name: Vec<String>,
        /// What to say of it.
        comment: Option<String>,
    },
    /// PREPARE.
    Prepare(Prepare),
    /// EXECUTE.
    Execute(Execute),
    /// DEALLOCATE of one prepared statement, or of all where there is no name.
    Deallocate(Option<String>),
    /// DISCARD, with its folded word: `all`, `plans`, `sequences` or `temp`.
    Discard(String),
    /// CLOSE of one cursor, or of all where there is no name.
    Close(Option<String>),
    /// LOCK TABLE … IN ACCESS SHARE MODE, of relations with their schemas where one was written.
    Lock(Vec<Vec<String>>),
    /// LISTEN to a channel.
    Listen(String),
    /// NOTIFY, with what there is to tell; empty where nothing is said.
    Notify {
        /// The channel.
        channel: String,
        /// The payload.
        payload: String,
    },
    /// UNLISTEN of a channel, or of all where there is no name.
    Unlisten(Option<String>),
    /// COPY … TO STDOUT.
    Copy(CopyTo),
    /// CREATE TEMPORARY TABLE with columns.
    CreateTemp(CreateTemp),
    /// CREATE TEMPORARY TABLE … AS, and SELECT … INTO TEMPORARY.
    CreateTempAs(CreateTempAs),
    /// DROP TABLE: only temporary tables can be dropped.
    DropTable {
        /// IF EXISTS
        if_exists: bool,
        /// The tables, each with its schema where one was written.
        names: Vec<Vec<String>>,
    },
    /// TRUNCATE of these tables: only temporary ones can be emptied.
    Truncate(Vec<Vec<String>>),
    /// INSERT, DELETE or UPDATE: only temporary tables take one.
    Change(Box<Change>),
    /// Known to PostgreSQL and refused here: the command's tag in upper case, such as `INSERT`.
    Write(&'static str),
}

/// SET and its kin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The setting, folded: `timezone` for SET TIME ZONE, `client_encoding` for SET NAMES.
    pub name: String,
    /// The value as text, lists joined with `, `; none for DEFAULT.
    pub value: Option<String>,
    /// SET LOCAL: until the transaction ends.
    pub local: bool,
}

/// PREPARE.
#[derive(Debug, Clone)]
pub struct Prepare {
    /// The statement's name.
    pub name: String,
    /// The types of its parameters, `$1` first; none where one is left open.
    pub types: Vec<Option<PgType>>,
    /// The statement, written in the text of PREPARE.
    pub kind: Box<Kind>,
}

/// EXECUTE.
#[derive(Debug, Clone)]
pub struct Execute {
    /// The statement's name.
    pub name: String,
    /// Its parameters.
    pub arguments: Vec<ast::Expr>,
}

/// DECLARE CURSOR.
#[derive(Debug, Clone)]
pub struct Declare {
    /// The cursor.
    pub name: String,
    /// BINARY: FETCH in a Query message gives its rows in binary.
    pub binary: bool,
    /// SCROLL: it goes backward too.
    pub scroll: bool,
    /// WITH HOLD: it outlives its transaction.
    pub hold: bool,
    /// What it gives.
    pub query: Box<ast::Query>,
}

/// FETCH and MOVE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The cursor.
    pub cursor: String,
    /// Which of its rows.
    pub direction: Direction,
    /// MOVE: the rows are passed over and not given.
    pub moves: bool,
}

/// Which rows FETCH and MOVE want. NEXT is `Forward(1)`, PRIOR `Backward(1)`, FIRST `Absolute(1)`, LAST `Absolute(-1)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The next so many, all that are left without a number; fewer than none is backward.
    Forward(Option<i64>),
    /// The last so many in reverse, all without a number; fewer than none is forward.
    Backward(Option<i64>),
    /// The row with this number from 1; from the end where it is below zero.
    Absolute(i64),
    /// The row so many further on.
    Relative(i64),
}

/// CREATE VIEW.
#[derive(Debug, Clone)]
pub struct CreateView {
    /// OR REPLACE
    pub or_replace: bool,
    /// The view, with its schema where one was written.
    pub name: Vec<String>,
    /// Names for its columns, where they are given.
    pub columns: Vec<String>,
    /// The query behind AS, as it was written.
    pub query_text: String,
    /// The same, read.
    pub query: Box<ast::Query>,
}

/// ALTER VIEW or ALTER TABLE … RENAME TO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameView {
    /// IF EXISTS
    pub if_exists: bool,
    /// What to rename, with its schema where one was written.
    pub name: Vec<String>,
    /// Its new name, in the same schema.
    pub to: String,
    /// `ALTER VIEW` or `ALTER TABLE`, as it was written: both are for views.
    pub tag: &'static str,
}

/// DROP VIEW.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropView {
    /// IF EXISTS
    pub if_exists: bool,
    /// The views, each with its schema where one was written.
    pub names: Vec<Vec<String>>,
    /// CASCADE: with the views that read them.
    pub cascade: bool,
}
