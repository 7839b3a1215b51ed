//! What convolutions and poolings say of the windows that slide over their inputs.

use gradus_tensor::{Conv2dSpec, ConvSpec, Error, Pool2dSpec};

use crate::{Attributes, Result};

/// Padding as ONNX lists it: before each axis, then after each.
fn pads(padding: &[[usize; 2]; 2]) -> [usize; 4] {
    let [[top, bottom], [left, right]] = *padding;
    [top, left, bottom, right]
}

/// The size of the output of a convolution, for messages of an operation that is built on one.
pub(super) fn output_size<const D: usize>(
    op: &'static str,
    spec: &ConvSpec<D>,
    input: [usize; D],
    kernel: [usize; D],
) -> Result<[usize; D]> {
    Ok(spec.output_size(input, kernel).map_err(|error| match error {
        Error::Value { got, wanted, .. } => Error::value(op, got, wanted),
        other => other,
    })?)
}

/// The settings of a convolution, under the names of ONNX.
pub(super) fn conv_attributes(spec: &Conv2dSpec) -> Attributes {
    Attributes::new()
        .with("strides", &spec.strides())
        .with("pads", &pads(&spec.paddings()))
        .with("dilations", &spec.dilations())
        .with("group", spec.group_count())
}

/// The settings of a pooling, under the names of ONNX.
pub(super) fn pool_attributes(spec: &Pool2dSpec) -> Attributes {
    Attributes::new()
        .with("kernel_shape", &spec.kernels())
        .with("strides", &spec.strides())
        .with("pads", &pads(&spec.paddings()))
}
