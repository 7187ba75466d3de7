//! What names come out, and which are refused.
