//! Close: drops a prepared statement or a portal.

use pgwire::messages::extendedquery::CloseComplete;

use crate::codec::Named;
use crate::conversation::Conversation;
use crate::wire::Wire;

impl Conversation {
    /// Drops a statement or a portal; one that is not there is no error.
    pub(crate) fn close(&mut self, wire: &mut Wire, named: &Named) {
        match named {
            Named::Statement(name) => self.names.drop_statement(name),
            Named::Portal(name) => self.names.drop_portal(name),
        }
        wire.put(&CloseComplete::new());
    }
}
