//! Sound from files, other rates, and features, from outside. Signals are made here; `record.py`
//! makes the same ones and records what libsndfile, librosa and PyTorch say of them.

mod augment;
mod features;
#[cfg(feature = "flac")]
mod flac;
mod folders;
mod resample;
mod spectra;
mod stream;
mod voices;
mod wav;

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use gradus_data::Result;
use serde_json::Value;

/// The reference numbers under a name.
fn reference(name: &str) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("reference.json")).unwrap();
    all[name].take()
}

/// The entries of a list of cases.
fn cases(name: &str) -> Vec<Value> {
    reference(name).as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// The message of an error; fails if there is none.
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}

/// The largest difference; of equally many numbers.
fn distance<A: Copy + Into<f64>, B: Copy + Into<f64>>(got: &[A], wanted: &[B]) -> f64 {
    assert_eq!(got.len(), wanted.len());
    let pairs = got.iter().zip(wanted).map(|(&a, &b)| (a.into() - b.into()).abs());
    pairs.fold(0.0, |most, d| if d.is_nan() { f64::INFINITY } else { most.max(d) })
}

/// Numbers without pattern.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0
    }

    /// From −1 to 1.
    fn sample(&mut self) -> f64 {
        f64::from(self.next()) / 2_f64.powi(31) - 1.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 8) as usize % n
    }
}

/// Part of the project's shared folder: under `GRADUS_SHARED`, or beside one of the folders above
/// this crate.
fn shared(part: &str) -> Option<PathBuf> {
    let given = std::env::var_os("GRADUS_SHARED").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared"));
    let mut places = given.into_iter().chain(above).map(|dir| dir.join("data").join(part));
    let found = places.find(|path| path.exists());
    if found.is_none() {
        println!(
            "skipped: no shared/data/{part}; set GRADUS_SHARED to the folder that holds data/"
        );
    }
    found
}

/// What `signal` of `record.py` makes: a sweep from 100 Hz upwards, a tone, and a little noise.
fn signal(n: usize, rate: u32) -> Vec<f32> {
    let mut noise = Noise(1);
    let times = (0..n).map(|t| t as f64 / f64::from(rate));
    let value = |t: f64| {
        let sweep = 0.5 * (TAU * (100.0 * t + 20_000.0 * t * t)).sin();
        (sweep + 0.2 * (TAU * 1250.0 * t).sin() + 0.05 * noise.sample()) as f32
    };
    times.map(value).collect()
}
