//! The optimizers' promises: the formulas as plain scalar code are the judge of the rules.

mod clipping;
mod common;
mod convergence;
mod errors;
mod failing;
mod groups;
mod references;
mod registry;
mod resume;
mod schedules;
mod share;
mod torch;
mod trajectories;
mod whole;
