//! The update rules, one file each.

mod adam;
mod adamw;
mod moments;
mod sgd;

pub use adam::Adam;
pub use adamw::AdamW;
pub use sgd::Sgd;
