//! The convolution itself.

use super::correlate::{Axis, Correlation, Part};
use super::taps::taps_in_order;
use crate::Activation;
use crate::conv::geometry::Geometry;
use crate::conv::window::Window;

/// `activation(conv(x, w) + bias)` for images `x` and weights `w`, both channels-last.
pub(in crate::conv) fn output(
    g: &Geometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    activation: Activation,
    out: &mut [f32],
) {
    let axis = |w: &Window| Axis {
        count: w.output,
        first: 0,
        spacing: 1,
        lead: -(w.padding as isize),
        step: w.stride,
        taps: w.kernel,
    };
    let (rows, columns) = (&g.images.rows, &g.images.columns);
    let (channels, outputs) = (g.group_channels(), g.group_outputs());
    assert!(w.len() == g.out_channels * g.patch());
    let part = |group: usize| {
        let w = &w[group * outputs * g.patch()..];
        let weights = taps_in_order(w, [rows.kernel * columns.kernel, channels], outputs);
        vec![Part { axes: [axis(rows), axis(columns)], weights }]
    };
    Correlation {
        values: x,
        source: [rows.input, columns.input, channels],
        result: [rows.output, columns.output, outputs],
        groups: (0..g.groups).map(part).collect(),
        bias,
        activation,
    }
    .run(out);
}
