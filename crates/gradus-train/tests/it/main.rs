//! Everything that a user of the crate sees, one file for each part.

mod callbacks;
mod explain;
mod files;
mod fixtures;
mod kill;
mod metrics;
mod output;
mod pictures;
mod plots;
mod resume;
mod start;
mod steps;
mod tied;
mod trainer;

/// The error's text, or what came instead of an error.
fn message<T: std::fmt::Debug>(result: gradus_train::Result<T>) -> String {
    match result {
        Ok(value) => format!("no error, but {value:?}"),
        Err(error) => error.to_string(),
    }
}

/// An empty history of a usual run.
fn columns() -> gradus_train::History {
    let names = "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,lr,seconds";
    gradus_train::History::new(names.split(',')).expect("distinct names")
}
