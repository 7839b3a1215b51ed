//! Everything that a user of the crate sees, one file for each part.

mod files;
mod metrics;
mod output;
mod plots;
mod trainer;

/// The error's text, or what came instead of an error.
fn message<T: std::fmt::Debug>(result: gradus_train::Result<T>) -> String {
    match result {
        Ok(value) => format!("no error, but {value:?}"),
        Err(error) => error.to_string(),
    }
}
