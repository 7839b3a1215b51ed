//! Pictures from files, other sizes, and transforms, from outside. Pictures are made here; `record.py`
//! makes the same ones and records what Pillow and torchvision say of them.

mod bad_files;
mod changes;
mod cifar;
mod folder;
mod images;
#[cfg(feature = "image")]
mod other;
mod packed;
mod random;
mod read;
mod resize;
mod together;

use std::path::{Path, PathBuf};

use gradus_data::Result;
use gradus_data::vision::Image;
use serde_json::Value;

/// The cases under a name.
fn cases(name: &str) -> Vec<Value> {
    reference(name).as_array().unwrap().clone()
}

fn reference(name: &str) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("reference.json")).unwrap();
    all[name].take()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// What `smooth` of `record.py` makes.
fn smooth(height: usize, width: usize, channels: usize) -> Image {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let value = |c: usize| ((x * (5 + c) + y * (3 + 2 * c) + 40 * c) / 2) as u8;
            pixels.extend((0..channels).map(value));
        }
    }
    Image::new([height, width], channels, pixels).unwrap()
}

/// The picture that a case has.
fn wanted(case: &Value) -> Image {
    let size = [number(&case["height"]), number(&case["width"])];
    Image::new(size, number(&case["channels"]), bytes(&case["pixels"])).unwrap()
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

/// The message of an error; fails if there is none.
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}

/// The largest difference of two pictures of one size, in levels.
fn levels(got: &Image, wanted: &Image) -> u8 {
    assert_eq!((got.size(), got.channels()), (wanted.size(), wanted.channels()));
    let pairs = got.pixels().iter().zip(wanted.pixels());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

/// What `noisy` of `record.py` makes.
fn noisy(height: usize, width: usize, channels: usize, seed: u32) -> Image {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let pixels = (0..height * width * channels).map(next).collect();
    Image::new([height, width], channels, pixels).unwrap()
}
