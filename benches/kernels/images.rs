//! Kernels for images, which lie channels-last.

use std::hint::black_box;

use criterion::Criterion;
use gradus::prelude::*;
use gradus::tensor::{self, Conv2dSpec, Pool2dSpec};

use crate::{normal, time};

const BATCH: usize = 64;

fn images(channels: usize, size: usize) -> Tensor {
    normal([BATCH, channels, size, size]).channels_last().expect("four axes")
}

/// Forward, and the gradients of input and weight.
pub fn convolution(c: &mut Criterion) {
    for (inputs, outputs, size, kernel, stride) in [
        (1, 32, 28, 3, 1),
        (32, 64, 14, 3, 1),
        (3, 16, 32, 3, 1),
        (16, 16, 32, 3, 1),
        (16, 32, 32, 3, 2),
        (32, 32, 16, 3, 1),
        (64, 64, 8, 3, 1),
        (32, 64, 16, 1, 2),
    ] {
        let (x, w) = (images(inputs, size), normal([outputs, inputs, kernel, kernel]));
        let spec = Conv2dSpec::new().stride(stride).padding(kernel / 2);
        let y = tensor::conv2d(&x, &w, &spec).expect("fitting shapes");
        let work = y.len() * inputs * kernel * kernel;
        let case = format!("{inputs} to {outputs}, {size}x{size}, {kernel}x{kernel} by {stride}");
        time(c, "convolution", &case, work, || tensor::conv2d(black_box(&x), &w, &spec));
        time(c, "convolution by input", &case, work, || {
            tensor::conv2d_input_grad(black_box(&y), &w, x.shape(), &spec)
        });
        time(c, "convolution by weight", &case, work, || {
            tensor::conv2d_weight_grad(black_box(&x), &y, w.shape(), &spec)
        });
    }
}

pub fn max_pool(c: &mut Criterion) {
    let spec = Pool2dSpec::new([2, 2]);
    for (channels, size) in [(32, 28), (64, 14)] {
        let x = images(channels, size);
        let (y, places) = tensor::max_pool2d(&x, &spec).expect("fitting shapes");
        let case = format!("{channels}, {size}x{size}");
        time(c, "max pool", &case, x.len(), || tensor::max_pool2d(black_box(&x), &spec));
        time(c, "max pool gradient", &case, x.len(), || {
            tensor::max_pool2d_grad(black_box(&y), &places, x.shape())
        });
    }
}

pub fn avg_pool(c: &mut Criterion) {
    for (channels, size, window) in [(32, 28, 2), (64, 8, 8)] {
        let (x, spec) = (images(channels, size), Pool2dSpec::new([window; 2]));
        let y = tensor::avg_pool2d(&x, &spec).expect("fitting shapes");
        let case = format!("{channels}, {size}x{size} by {window}");
        time(c, "average pool", &case, x.len(), || tensor::avg_pool2d(black_box(&x), &spec));
        time(c, "average pool gradient", &case, x.len(), || {
            tensor::avg_pool2d_grad(black_box(&y), x.shape(), &spec)
        });
    }
}

/// The statistics, the normalisation with ReLU, and all gradients.
pub fn batch_norm(c: &mut Criterion) {
    for (channels, size) in [(16, 32), (32, 16), (64, 8)] {
        let (x, grad) = (images(channels, size), images(channels, size));
        let [mean, shift] = [1, 2].map(|_| Tensor::zeros([channels]));
        let [rstd, scale] = [1, 2].map(|_| Tensor::ones([channels]));
        let case = format!("{channels}, {size}x{size}");
        time(c, "batch statistics", &case, x.len(), || black_box(&x).mean_var(&[0, 2, 3], false));
        time(c, "batch norm", &case, x.len(), || {
            tensor::channel_norm(black_box(&x), &mean, &scale, &shift, None, Activation::Relu)
        });
        time(c, "batch norm gradients", &case, x.len(), || {
            let relu = Some(&shift);
            tensor::batch_norm_grad(black_box(&x), &grad, &mean, &rstd, &scale, relu, true)
        });
    }
}
