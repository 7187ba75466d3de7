//! The real program, serving on a free port until it is dropped.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest that starting and ending may take. Far more than they do, for busy machines.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program that was built beside this test.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/debug/deps/test-hash → target/debug/lakeport
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/debug/deps");
    let program = folder.join("lakeport");
    assert!(program.exists(), "{} is not built: run cargo build first, or ./test", program.display());
    program
}

/// A running server. Dropping it ends it.
pub struct Server {
    child: Child,
    /// The port of its PostgreSQL door.
    pub port: u16,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// The server of a folder of files.
    pub fn folder(folder: &Path) -> Server {
        Server::start(&["serve", &folder.display().to_string()])
    }

    /// The server of a config file.
    pub fn config(config: &Path) -> Server {
        Server::start(&["serve", "--config", &config.display().to_string()])
    }

    /// Starts the program with these arguments, on a free port of loopback.
    ///
    /// Panics with what it logged if it does not come up.
    pub fn start(arguments: &[&str]) -> Server {
        Server::start_with(arguments, &[])
    }

    /// The same, with these variables in its environment.
    pub fn start_with(arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut child = Command::new(program())
            .args(arguments)
            .envs(environment.iter().copied())
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let log = Arc::new(Mutex::new(String::new()));
        let (stderr, sink) = (child.stderr.take().expect("stderr is piped"), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = sink.lock().expect("the log's lock");
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the first line can be read");
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        let Some(port) = port else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the server did not come up: {line}{}", log.lock().expect("the log's lock"));
        };
        // What else it prints is for people; reading it keeps the pipe from filling.
        std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        Server { child, port, log }
    }

    /// How libpq is told to connect.
    pub fn libpq(&self) -> String {
        format!("host=127.0.0.1 port={} user=test dbname=lake sslmode=disable", self.port)
    }

    /// What the server logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log's lock").clone()
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory now, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the server runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux tells the memory");
        let kibibytes: u64 =
            line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number");
        kibibytes << 10
    }

    /// The processor time it has used so far, of all its threads.
    pub fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("the server runs");
        // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field behind it.
        let fields = stat.rsplit(')').next().expect("a name in parentheses");
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().expect("a number"))
            .sum();
        // Linux tells it in hundredths of a second on every machine that it runs on today.
        Duration::from_millis(ticks * 10)
    }

    /// Whether the program still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal by its number: 15 to end, 1 to read the config anew.
    pub fn signal(&self, signal: u8) {
        let status = Command::new("kill").args([format!("-{signal}"), self.child.id().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "the signal can be sent");
    }

    /// Ends the server as a signal would, and gives its exit code and what it logged.
    pub fn end(self) -> (Option<i32>, String) {
        self.signal(15);
        self.wait()
    }

    /// Waits for the end of the server, and gives its exit code and what it logged.
    pub fn wait(mut self) -> (Option<i32>, String) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return (status.code(), self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not end: {}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}
