//! The PostgreSQL door: protocol, encoders, portals.
