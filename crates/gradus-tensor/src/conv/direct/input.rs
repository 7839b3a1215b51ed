//! The gradient by the input, as correlations of `ȳ`.
//!
//! On one axis, input `i` is seen by output `o` through tap `a = i + p - s·o`. The inputs
//! `i = s·q + r` of phase `r` have the taps `a = a₀ + s·t` with `a₀ = (r + p) mod s`, at the outputs
//! `o = q + (r + p - a₀)/s - t`: run through backwards, these are one run of outputs that moves on by
//! one with `q`.

use super::correlate::{Axis, Correlation, Part};
use crate::Activation;
use crate::conv::geometry::Geometry;
use crate::conv::window::Window;
use crate::linalg::Source;

/// One phase of an axis.
struct Phase {
    axis: Axis,
    /// The tap through which the first output sees; that of each next one is less by the stride.
    tap: usize,
}

fn phase(w: &Window, r: usize) -> Phase {
    let (s, from) = (w.stride, (r + w.padding) % w.stride);
    let taps = w.kernel.saturating_sub(from).div_ceil(s);
    let base = (r + w.padding - from) / s;
    let axis = Axis {
        count: w.input.saturating_sub(r).div_ceil(s),
        first: r,
        spacing: s,
        lead: base as isize - taps.saturating_sub(1) as isize,
        step: 1,
        taps,
    };
    Phase { axis, tap: from + taps.saturating_sub(1) * s }
}

/// The gradient by the images for the gradient `grad` of the result, with weights `w`, both
/// channels-last.
pub(in crate::conv) fn input(g: &Geometry, grad: &[f32], w: &[f32], out: &mut [f32]) {
    let (rows, columns) = (&g.images.rows, &g.images.columns);
    let (channels, outputs) = (g.group_channels(), g.group_outputs());
    assert!(w.len() == g.out_channels * g.patch());
    let parts = |group: usize| {
        let w = &w[group * outputs * g.patch()..];
        // A stride beyond the image has no more phases than the image has places.
        let [down, across] = [rows, columns].map(|w| w.stride.min(w.input));
        let mut parts = Vec::with_capacity(down * across);
        for i in 0..down {
            for j in 0..across {
                let (down, across) = (phase(rows, i), phase(columns, j));
                let tap = |[u, v]: [usize; 2]| {
                    let (a, b) = (down.tap - u * rows.stride, across.tap - v * columns.stride);
                    Source {
                        start: w[(a * columns.kernel + b) * channels..].as_ptr(),
                        strides: [g.patch() as isize, 1],
                    }
                };
                // SAFETY: the weights have `patch` elements for each output channel.
                let part = unsafe { Part::new([down.axis, across.axis], [outputs, channels], tap) };
                parts.push(part);
            }
        }
        parts
    };
    Correlation {
        values: grad,
        source: [rows.output, columns.output, outputs],
        result: [rows.input, columns.input, channels],
        groups: (0..g.groups).map(parts).collect(),
        bias: None,
        activation: Activation::Identity,
    }
    .run(out);
}
