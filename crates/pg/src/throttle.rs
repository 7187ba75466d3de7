//! Slows down who guesses.
//!
//! Counts what failed lately for one user from one address, and makes the next try wait. A
//! try waits before its outcome is told, so that neither is worth hurrying for. Unknown users
//! are counted like known ones.
//!
//! Invariant: the table never grows beyond [`ENTRIES_MAX`]. What is forgotten costs a guesser less
//! time and nobody anything else.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Most pairs of user and address that are remembered: about 1 MiB.
const ENTRIES_MAX: usize = 16_384;

/// How long a failure counts. With the waits below that is about a dozen guesses in a minute.
const MEMORY: Duration = Duration::from_secs(60);

/// Failures that cost nothing: people mistype.
const FREE: u32 = 2;

/// The first wait; each failure doubles it.
const WAIT: Duration = Duration::from_millis(200);

/// The longest wait; well below the time a login may take.
const WAIT_MAX: Duration = Duration::from_secs(6);

/// Counts failures.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    table: Mutex<HashMap<Key, Failures>>,
    // The user's name is the client's own, and may be long: its hash is kept, under a random key.
    hasher: RandomState,
}

type Key = (IpAddr, u64);

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Throttle {
    /// Waits for as long as this user's failures from this address ask for.
    pub(crate) async fn hold(&self, address: IpAddr, user: &str) {
        let wait = self.wait(self.key(address, user), Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Notes a failure.
    pub(crate) fn failed(&self, address: IpAddr, user: &str) {
        self.failed_at(address, user, Instant::now());
    }

    fn failed_at(&self, address: IpAddr, user: &str, now: Instant) {
        let key = self.key(address, user);
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= ENTRIES_MAX && !table.contains_key(&key) {
            table.retain(|_, failures| now.duration_since(failures.last) < MEMORY);
            if table.len() >= ENTRIES_MAX {
                table.clear();
            }
        }
        let failures = table.entry(key).or_insert(Failures { count: 0, last: now });
        if now.duration_since(failures.last) >= MEMORY {
            failures.count = 0;
        }
        *failures = Failures { count: failures.count.saturating_add(1), last: now };
    }

    /// Forgets the failures: whoever it was knows the password.
    pub(crate) fn succeeded(&self, address: IpAddr, user: &str) {
        let key = self.key(address, user);
        self.table.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    fn key(&self, address: IpAddr, user: &str) -> Key {
        (address.to_canonical(), self.hasher.hash_one(user))
    }

    fn wait(&self, key: Key, now: Instant) -> Duration {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let count = match table.get(&key) {
            Some(failures) if now.duration_since(failures.last) < MEMORY => failures.count,
            _ => 0,
        };
        match count.checked_sub(FREE + 1) {
            None => Duration::ZERO,
            Some(doublings) => WAIT.saturating_mul(1 << doublings.min(16)).min(WAIT_MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{ENTRIES_MAX, MEMORY, Throttle, WAIT_MAX};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn wait(throttle: &Throttle, user: &str, now: Instant) -> Duration {
        throttle.wait(throttle.key(HERE, user), now)
    }

    #[test]
    fn each_failure_doubles_the_wait_up_to_a_bound() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let mut seen = Vec::new();
        for _ in 0..9 {
            seen.push(wait(&throttle, "ann", now).as_millis());
            throttle.failed_at(HERE, "ann", now);
        }
        assert_eq!(seen, [0, 0, 0, 200, 400, 800, 1600, 3200, 6000]);
        (0..100).for_each(|_| throttle.failed_at(HERE, "ann", now));
        assert_eq!(wait(&throttle, "ann", now), WAIT_MAX);
        assert_eq!(wait(&throttle, "bob", now), Duration::ZERO);
    }

    #[test]
    fn failures_are_forgotten_with_time_and_with_the_right_password() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        (0..5).for_each(|_| throttle.failed_at(HERE, "ann", now));
        assert_eq!(wait(&throttle, "ann", now + MEMORY), Duration::ZERO);
        assert!(wait(&throttle, "ann", now) > Duration::ZERO);
        throttle.succeeded(HERE, "ann");
        assert_eq!(wait(&throttle, "ann", now), Duration::ZERO);
    }

    #[test]
    fn the_table_is_bounded() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        (0..ENTRIES_MAX + 10).for_each(|user| throttle.failed_at(HERE, &user.to_string(), now));
        assert!(throttle.table.lock().unwrap().len() <= ENTRIES_MAX);
    }
}
