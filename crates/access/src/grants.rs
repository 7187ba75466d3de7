//! Who may log in, and what each role may do.
//!
//! [`Access`] is made whole from users and roles and never changes; a reload makes a new one. It
//! answers questions and keeps no session: whoever holds an [`Identity`] asks with it, and an identity
//! from an older config has only what its roles are allowed now.
//!
//! Invariant: what no role allows is refused. An unknown role allows nothing.

use std::collections::{BTreeMap, BTreeSet};

use lakeport_base::TableName;

use crate::verifier::hmac;
use crate::{Error, Identity, Verifier};

/// The schemas that hold PostgreSQL's own tables. Everyone may read them: what they list is already only
/// what the reader may see.
const SYSTEM_SCHEMAS: [&str; 2] = ["information_schema", "pg_catalog"];

/// Someone who may log in.
#[derive(Debug, Clone)]
pub struct User {
    /// The name.
    pub name: String,
    /// What proves the password.
    pub verifier: Verifier,
    /// The roles; each must exist.
    pub roles: Vec<String>,
}

/// What a role may do.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// The name.
    pub name: String,
    /// Tables and views it may read: `schema.table`, `schema.*` or `*`. The first dot ends the schema.
    pub read: Vec<String>,
    /// Stores whose files it may read by path: names or `*`.
    pub browse: Vec<String>,
    /// Schemas in which it may create and drop views: names or `*`.
    pub create: Vec<String>,
}

/// How a login goes on: with which verifier, and who it is if the proof is right.
#[derive(Debug, Clone)]
pub struct Login {
    /// What the client must prove; a mock that nothing fits if there is no such user.
    pub verifier: Verifier,
    /// Who it is once the proof is right; none if there is no such user, whatever the proof.
    pub identity: Option<Identity>,
}

/// The users and roles of one config.
#[derive(Debug)]
pub struct Access {
    users: BTreeMap<String, User>,
    roles: BTreeMap<String, Grants>,
    secret: [u8; 32],
    /// What mocks look like: one entry for each user, so that they're as varied as the real ones.
    shapes: Vec<Verifier>,
}

/// What one role allows, in the form that is asked.
#[derive(Debug, Default)]
struct Grants {
    read_all: bool,
    read_schemas: BTreeSet<String>,
    read_tables: BTreeSet<TableName>,
    browse: Names,
    create: Names,
}

/// A list of names in which `*` stands for all.
#[derive(Debug, Default)]
struct Names {
    all: bool,
    names: BTreeSet<String>,
}

impl Access {
    /// Puts users and roles together.
    ///
    /// `secret` makes the fake salts of users that there are not. The longer it stays the same, over
    /// restarts and reloads, the less a patient stranger can tell; it must not be known to anyone.
    ///
    /// # Errors
    ///
    /// The first of: a name that is there twice, a role that a user has and that is not there, a pattern
    /// that is none.
    pub fn new(
        users: impl IntoIterator<Item = User>,
        roles: impl IntoIterator<Item = Role>,
        secret: &[u8],
    ) -> Result<Self, Error> {
        let mut by_role = BTreeMap::new();
        for role in roles {
            let name = role.name.clone();
            if by_role.insert(name.clone(), Grants::read(role)?).is_some() {
                return Err(Error::Duplicate { name });
            }
        }
        let mut by_user = BTreeMap::new();
        for user in users {
            if let Some(role) = user.roles.iter().find(|role| !by_role.contains_key(*role)) {
                return Err(Error::UnknownRole { user: user.name, role: role.clone() });
            }
            let name = user.name.clone();
            if by_user.insert(name.clone(), user).is_some() {
                return Err(Error::Duplicate { name });
            }
        }
        let shapes = by_user.values().map(|user: &User| user.verifier.clone()).collect();
        Ok(Self { users: by_user, roles: by_role, secret: hmac(secret, &[b"mock"]), shapes })
    }

    /// Who comes in without a password: anyone, as a superuser, if there are no users at all.
    ///
    /// None as soon as there is one user; then [`Access::login`] decides. Config allows the former on
    /// loopback only.
    pub fn trusted(&self, user: &str) -> Option<Identity> {
        self.users.is_empty().then(|| Identity::superuser(user))
    }

    /// What a client that calls itself `user` must prove, and who it is then.
    ///
    /// A user that is not there gets a mock verifier, the same at every try, so that the exchange tells
    /// nobody which names exist. Nothing is written down or counted here.
    pub fn login(&self, user: &str) -> Login {
        // Both are worked out for every name, so that they take the same time.
        let mock = self.mock(user);
        match self.users.get(user) {
            Some(known) => Login {
                verifier: known.verifier.clone(),
                identity: Some(Identity {
                    user: known.name.clone(),
                    roles: known.roles.clone(),
                    superuser: false,
                }),
            },
            None => Login { verifier: mock, identity: None },
        }
    }

    /// Whether this identity may read this table or view.
    pub fn may_read(&self, identity: &Identity, table: &TableName) -> bool {
        identity.superuser
            || SYSTEM_SCHEMAS.contains(&table.schema.as_str())
            || self.grants(identity).any(|grants| {
                grants.read_all
                    || grants.read_schemas.contains(&table.schema)
                    || grants.read_tables.contains(table)
            })
    }

    /// Whether this identity may read files of this store by path.
    pub fn may_browse(&self, identity: &Identity, store: &str) -> bool {
        identity.superuser || self.grants(identity).any(|grants| grants.browse.has(store))
    }

    /// Whether this identity may create and drop views in this schema. Never in PostgreSQL's own schemas.
    pub fn may_create(&self, identity: &Identity, schema: &str) -> bool {
        !SYSTEM_SCHEMAS.contains(&schema)
            && (identity.superuser || self.grants(identity).any(|grants| grants.create.has(schema)))
    }

    /// The names of all users, sorted.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// The names of all roles, sorted.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.keys().map(String::as_str)
    }

    /// The identity that a user has, without any proof: for a view that is read with its owner's rights.
    pub fn identity_of(&self, user: &str) -> Option<Identity> {
        self.users.get(user).map(|known| Identity {
            user: known.name.clone(),
            roles: known.roles.clone(),
            superuser: false,
        })
    }

    fn grants(&self, identity: &Identity) -> impl Iterator<Item = &Grants> {
        identity.roles.iter().filter_map(|role| self.roles.get(role))
    }

    fn mock(&self, user: &str) -> Verifier {
        // Which real one a mock looks like is as fixed as the mock itself.
        let chosen = hmac(&self.secret, &[b"shape", user.as_bytes()]);
        let index = usize::from(u16::from_be_bytes([chosen[0], chosen[1]])) % self.shapes.len().max(1);
        Verifier::mock(user, &self.secret, self.shapes.get(index))
    }
}

impl Grants {
    fn read(role: Role) -> Result<Self, Error> {
        let mut grants = Self {
            browse: role.browse.into_iter().collect(),
            create: role.create.into_iter().collect(),
            ..Self::default()
        };
        for pattern in role.read {
            match pattern.split_once('.') {
                None if pattern == "*" => grants.read_all = true,
                Some((schema, table)) if !schema.is_empty() && schema != "*" && !table.is_empty() => {
                    if table == "*" {
                        grants.read_schemas.insert(schema.to_owned());
                    } else {
                        grants.read_tables.insert(TableName::new(schema, table));
                    }
                }
                _ => return Err(Error::Pattern { role: role.name, pattern }),
            }
        }
        Ok(grants)
    }
}

impl Names {
    fn has(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let names: BTreeSet<String> = names.into_iter().collect();
        Self { all: names.contains("*"), names }
    }
}

#[cfg(test)]
mod tests {
    use lakeport_base::TableName;

    use super::{Access, Role, User};
    use crate::{Error, Identity, Verifier};

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn user(name: &str, roles: &[&str]) -> User {
        let verifier = Verifier::make_with(name, name.as_bytes(), 4096).unwrap();
        User { name: name.to_owned(), verifier, roles: strings(roles) }
    }

    fn role(name: &str, read: &[&str], browse: &[&str], create: &[&str]) -> Role {
        Role { name: name.to_owned(), read: strings(read), browse: strings(browse), create: strings(create) }
    }

    fn access() -> Access {
        let users = [
            user("ann", &["sales"]),
            user("bob", &["sales", "people"]),
            user("eve", &[]),
            user("zoe", &["all"]),
        ];
        let roles = [
            role("sales", &["sales.*", "bi.a.b"], &["curated"], &[]),
            role("people", &["people.names"], &[], &["bi"]),
            role("all", &["*"], &["*"], &["*"]),
        ];
        Access::new(users, roles, b"secret").unwrap()
    }

    fn identity(user: &str) -> Identity {
        match user {
            "root" => Identity::superuser("root"),
            user => access().login(user).identity.unwrap(),
        }
    }

    #[test]
    fn a_table_is_read_by_those_whose_roles_say_so() {
        for (schema, table, allowed) in [
            ("sales", "orders", "ann bob zoe root"),
            ("sales", "*", "ann bob zoe root"),
            ("Sales", "orders", "zoe root"),
            ("bi", "a.b", "ann bob zoe root"),
            ("bi", "a", "zoe root"),
            ("people", "names", "bob zoe root"),
            ("people", "Names", "zoe root"),
            ("people", "wages", "zoe root"),
            ("pg_catalog", "pg_class", "ann bob eve zoe root"),
            ("information_schema", "tables", "ann bob eve zoe root"),
        ] {
            let name = TableName::new(schema, table);
            check(allowed, |access, identity| access.may_read(identity, &name), &name.to_string());
        }
    }

    #[test]
    fn files_of_a_store_are_read_by_those_whose_roles_say_so() {
        check("ann bob zoe root", |access, identity| access.may_browse(identity, "curated"), "curated");
        check("zoe root", |access, identity| access.may_browse(identity, "archive"), "archive");
    }

    #[test]
    fn views_are_created_by_those_whose_roles_say_so() {
        check("bob zoe root", |access, identity| access.may_create(identity, "bi"), "bi");
        check("zoe root", |access, identity| access.may_create(identity, "sales"), "sales");
        check("", |access, identity| access.may_create(identity, "pg_catalog"), "pg_catalog");
    }

    #[track_caller]
    fn check(allowed: &str, may: impl Fn(&Access, &Identity) -> bool, what: &str) {
        let access = access();
        let found: Vec<&str> = ["ann", "bob", "eve", "zoe", "root"]
            .into_iter()
            .filter(|user| may(&access, &identity(user)))
            .collect();
        assert_eq!(found.join(" "), allowed, "{what}");
    }

    #[test]
    fn a_role_that_is_gone_allows_nothing() {
        let stale = Identity { user: "ann".to_owned(), roles: strings(&["gone"]), superuser: false };
        assert!(!access().may_read(&stale, &TableName::new("sales", "orders")));
    }

    #[test]
    fn a_known_user_logs_in_with_their_own_verifier() {
        let login = access().login("bob");
        assert!(login.verifier.verify_password("bob"));
        let identity = login.identity.unwrap();
        assert_eq!((identity.user.as_str(), identity.superuser), ("bob", false));
        assert_eq!(identity.roles, ["sales", "people"]);
        assert!(access().trusted("bob").is_none());
        assert_eq!(access().identity_of("bob"), Some(identity));
    }

    #[test]
    fn an_unknown_user_gets_the_same_mock_every_time_and_no_identity() {
        let (one, two) = (access().login("nobody"), access().login("nobody"));
        assert_eq!(one.verifier, two.verifier);
        assert_eq!(one.identity, None);
        assert_eq!((one.verifier.iterations(), one.verifier.salt().len()), (4096, 3));
        assert_ne!(one.verifier.salt(), access().login("Bob").verifier.salt());
        assert_eq!(access().identity_of("nobody"), None);
    }

    #[test]
    fn without_users_everyone_is_trusted_and_no_password_fits() {
        let access = Access::new([], [], b"secret").unwrap();
        assert_eq!(access.trusted("me"), Some(Identity::superuser("me")));
        let login = access.login("me");
        assert_eq!((login.identity, login.verifier.salt().len()), (None, 16));
    }

    #[test]
    fn users_and_roles_that_do_not_fit_together_are_refused() {
        let no_roles: [Role; 0] = [];
        assert_eq!(
            Access::new([user("ann", &["x"])], no_roles, b"").unwrap_err(),
            Error::UnknownRole { user: "ann".to_owned(), role: "x".to_owned() }
        );
        assert_eq!(
            Access::new([user("ann", &[]), user("ann", &[])], [], b"").unwrap_err(),
            Error::Duplicate { name: "ann".to_owned() }
        );
        for pattern in ["", "sales", "sales.", ".orders", "*.*", "*.orders"] {
            assert_eq!(
                Access::new([], [role("r", &[pattern], &[], &[])], b"").unwrap_err(),
                Error::Pattern { role: "r".to_owned(), pattern: pattern.to_owned() }
            );
        }
    }
}
