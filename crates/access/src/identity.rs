//! Who a session is.

/// A user who has logged in, with the roles that gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user's name.
    pub user: String,
    /// The roles, by name.
    pub roles: Vec<String>,
    /// May everything: the only user of a config without users, and the command line.
    pub superuser: bool,
}

impl Identity {
    /// Someone who may do everything.
    pub fn superuser(user: impl Into<String>) -> Self {
        Self { user: user.into(), roles: Vec::new(), superuser: true }
    }
}
