//! Tests of the crate from outside, as its users see it.

mod any_item;
mod collate;
mod datasets;
mod digits;
#[cfg(feature = "download")]
mod download;
mod idx;
#[cfg(feature = "jieba")]
mod jieba;
mod loader;
mod mnist;
mod parts;
mod public;
mod samplers;
mod streams;
mod table;
mod text;
mod text_data;
mod transforms;
mod workers;

use gradus_autograd::Var;
use gradus_data::Result;
use gradus_tensor::Tensor;

/// Bits of a batch of images, and its labels: equal only if every bit is.
type Bits = (Vec<usize>, Vec<u32>, Vec<i64>);

fn bits((images, labels): &(Var, Tensor<i64>)) -> Bits {
    let values = images.value().to_vec();
    (images.shape().to_vec(), values.into_iter().map(f32::to_bits).collect(), labels.to_vec())
}

/// The message of an error; fails if there is none.
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}
