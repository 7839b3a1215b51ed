//! The formula that gives weights and inputs, the same as in `tests/record.py`.

use gradus_tensor::{Float, Tensor};

/// The hash of a text (Fowler, Noll and Vo, 1a).
pub fn fnv32(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The same with 64 bits.
pub fn fnv64(text: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325;
    text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A 32-bit number for each index.
pub fn bits(name: &str, count: usize) -> impl Iterator<Item = u32> + use<> {
    let start = fnv32(name);
    (0..count as u32).map(move |i| {
        let mut x = start.wrapping_add(i.wrapping_mul(0x9e37_79b9));
        x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
        x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
        x ^ (x >> 16)
    })
}

/// Numbers from -1 to below 1.
pub fn noise(name: &str, count: usize) -> impl Iterator<Item = f64> + use<> {
    bits(name, count).map(|x| f64::from(x >> 8) / f64::from(1 << 23) - 1.0)
}

/// A tensor of such numbers.
pub fn tensor<T: Float>(name: &str, shape: &[usize]) -> Tensor<T> {
    scaled(name, shape, |x| x)
}

/// What a parameter or a buffer of this name holds.
pub fn start<T: Float>(name: &str, shape: &[usize]) -> Tensor<T> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let count: usize = shape.iter().product();
    let scale = (6.0 * shape[0] as f64 / count as f64).sqrt();
    match (last, shape) {
        ("running_var", _) => scaled(name, shape, |x| 1.0 + 0.5 * x),
        (_, [_]) if last.ends_with("weight") => scaled(name, shape, |x| 1.0 + 0.2 * x),
        _ if last.ends_with("weight") => scaled(name, shape, |x| x * scale),
        _ => scaled(name, shape, |x| 0.1 * x),
    }
}

fn scaled<T: Float>(name: &str, shape: &[usize], f: impl Fn(f64) -> f64) -> Tensor<T> {
    let values = noise(name, shape.iter().product()).map(|x| T::from_f64(f(x))).collect();
    Tensor::from_vec(values, shape).expect("as many values as the shape says")
}

/// Two numbers in which every element has a part: a sum with weights, and the norm.
pub fn mark<T: Float>(name: &str, tensor: &Tensor<T>) -> [f64; 2] {
    let values = tensor.to_vec();
    let weights = noise(&format!("mark {name}"), values.len());
    let [mut sum, mut square] = [0.0; 2];
    for (x, w) in values.into_iter().map(T::to_f64).zip(weights) {
        sum += x * w;
        square += x * x;
    }
    [sum, f64::sqrt(square)]
}
