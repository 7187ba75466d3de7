//! The PostgreSQL door: protocol, encoders, portals.

pub mod encode;
