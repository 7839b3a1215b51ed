//! Metrics: by hand, against other libraries, and merged in parts.

mod by_hand;
mod ranking;
mod text;
