//! Pictures from files, other sizes, and transforms, from outside. Pictures are made here; `record.py`
//! makes the same ones and records what Pillow and torchvision say of them.

mod bad_files;
mod cifar;
mod folder;
mod images;
mod read;
mod resize;

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

/// The picture that a case has.
fn wanted(case: &Value) -> Image {
    let size = [number(&case["height"]), number(&case["width"])];
    Image::new(size, number(&case["channels"]), bytes(&case["pixels"])).unwrap()
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
