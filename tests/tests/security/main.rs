//! Who gets in, who sees what, and that nothing leads out of the stores.
//!
//! `login`: passwords, TLS, and where a door may be. `grants`: what roles may read, browse and create. `jail`: paths
//! that try to leave their store. Everywhere passwords and keys are canaries, and no log and no error may sing.

#[path = "../small/mod.rs"]
mod small;

mod grants;
mod house;
mod jail;
mod login;
