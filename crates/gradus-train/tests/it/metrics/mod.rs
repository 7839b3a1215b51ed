//! Metrics against values worked out by hand, and against other libraries on recorded data; the scripts that
//! recorded them lie beside the data in `tests/data/metrics`.

mod any;
mod bad_input;
mod by_hand;
mod classes;
mod parts;
mod ranking;
mod regression;
mod table;
mod text;

use parts::in_parts;
use serde_json::Value;

/// A file of recorded numbers.
fn recorded(name: &str) -> Value {
    let path = format!("{}/tests/data/metrics/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    list(value).iter().map(|x| x.as_f64().unwrap()).collect()
}

fn whole(value: &Value) -> Vec<i64> {
    list(value).iter().map(|x| x.as_i64().unwrap()).collect()
}

fn shape(value: &Value) -> Vec<usize> {
    whole(value).into_iter().map(|d| d as usize).collect()
}

/// Equal but for rounding.
#[track_caller]
fn near(what: &str, ours: f64, theirs: f64) {
    let gap = (ours - theirs).abs();
    assert!(gap <= 1e-12 * theirs.abs().max(1.0), "{what}: {ours}, recorded {theirs}");
}

#[track_caller]
fn all_near(what: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    ours.iter().zip(theirs).for_each(|(&a, &b)| near(what, a, b));
}
