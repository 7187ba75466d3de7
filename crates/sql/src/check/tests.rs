//! What is refused, and what is only written otherwise.
