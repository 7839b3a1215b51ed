//! Correlations of one image with the kernels of its parts.

use pulp::{Simd, WithSimd};

use super::padded::Image;
use super::taps::taps;
use crate::Activation;
use crate::linalg::packed::Packed;
use crate::linalg::product::Panels;
use crate::linalg::product::tile::{self, Finish, Tile};
use crate::linalg::shared::Shared;
use crate::linalg::{Source, Target};
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::for_each_index;

/// Elements of a band with its borders: two thirds of an ordinary first-level cache.
const BAND: usize = 8 << 10;
/// Elements of the weights that stay near while the pixels of a band pass over them.
const NEAR: usize = 64 << 10;
/// Multiplications below which one thread is faster than several.
const PARALLEL: usize = 1 << 19;
/// Pieces of work that are wanted at least.
const PIECES: usize = 4;

/// One axis of a correlation: result `q` of `count` lies at `first + q · spacing` and sees the `taps`
/// elements of the source from `lead + q · step` on.
///
/// Five inputs, with three taps, stride 2 and padding 1, make three outputs. Forward these are the
/// results, and the source are the inputs. Backward it is the other way around: an input at an even
/// place is seen by one output, at an odd place by two, so that these are two axes.
///
/// ```text
///                count  first  spacing  lead  step  taps    result: what it sees
/// forward          3      0       1      -1    2     3      0: -1 0 1   1: 1 2 3   2: 3 4 5
/// back, even       3      0       2       0    1     1      0: 0        2: 1       4: 2
/// back, odd        2      1       2       0    1     2      1: 0 1      3: 1 2
/// ```
///
/// Elements -1 and 5, which the inputs do not have, are zeros.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) count: usize,
    pub(super) first: usize,
    pub(super) spacing: usize,
    pub(super) lead: isize,
    pub(super) step: usize,
    pub(super) taps: usize,
}

impl Axis {
    /// What result `q` sees first.
    fn start(&self, q: usize) -> isize {
        self.lead + (q * self.step) as isize
    }

    /// Behind the last element of the source that results up to `end` see.
    fn end(&self, end: usize) -> isize {
        self.start(end.saturating_sub(1)) + self.taps as isize
    }
}

/// A correlation for some rows and columns of the result.
pub(super) struct Part {
    pub(super) axes: [Axis; 2],
    pub(super) weights: Packed<f32>,
}

impl Part {
    /// Packs the weights: `weight([a, b])` is the matrix `[channels, outputs]` of a tap.
    ///
    /// # Safety
    /// The elements of these matrices must be readable.
    pub(super) unsafe fn new(
        axes: [Axis; 2],
        sizes: [usize; 2],
        weight: impl Fn([usize; 2]) -> Source + Sync,
    ) -> Self {
        // SAFETY: as the caller promises.
        Self { axes, weights: unsafe { taps(axes.map(|axis| axis.taps), sizes, weight) } }
    }
}

/// What is computed, for images of equal size one after the other.
pub(super) struct Correlation<'a> {
    /// All images of the source.
    pub(super) values: &'a [f32],
    /// Rows, columns, channels of a group, of an image of the source, and of the result.
    pub(super) source: [usize; 3],
    pub(super) result: [usize; 3],
    /// For each group of channels its parts.
    pub(super) groups: Vec<Vec<Part>>,
    /// A number for each channel of the result, over all groups.
    pub(super) bias: Option<&'a [f32]>,
    pub(super) activation: Activation,
}

impl Correlation<'_> {
    /// Writes all images of the result. The parts of a group must cover its channels, each pixel
    /// once, and lie alike in all groups.
    pub(super) fn run(&self, out: &mut [f32]) {
        let groups = self.groups.len();
        let [source, result] =
            [self.source, self.result].map(|s| groups * s.iter().product::<usize>());
        let images = self.values.len() / source;
        assert!(images * source == self.values.len() && images * result == out.len());
        assert!(self.bias.is_none_or(|bias| bias.len() == groups * self.result[2]));
        let work: usize = self.groups.iter().flatten().map(|p| self.work(p)).sum();
        let count = self.parts().iter().map(|p| p.axes[0].count).max().unwrap_or(0);
        // Bands of almost equal height, few enough rows for the cache.
        let row = self.columns().len() * self.source[2];
        let step = self.parts().iter().map(|p| p.axes[0].step).max().unwrap_or(1);
        let border = self.rows(0, 1).len();
        let rows = ((BAND / row.max(1)).saturating_sub(border) / step + 1).min(count);
        let parallel = images * work >= PARALLEL;
        let least = if parallel { PIECES.div_ceil(images * groups).min(count) } else { 1 };
        let bands = count.div_ceil(rows).max(least);
        let shared = Shared::new(out);
        for_each_index(images * groups * bands, parallel, |i| {
            let (image, group, band) = (i / bands / groups, i / bands % groups, i % bands);
            let band = [band, band + 1].map(|b| count * b / bands);
            let values = &self.values[image * source..][..source];
            let out = shared.at((image * result) as isize);
            dispatch(Band { it: self, values, group, band, out });
        });
    }

    /// The parts of a group; where they lie is the same for all.
    fn parts(&self) -> &[Part] {
        self.groups.first().map_or(&[], Vec::as_slice)
    }

    /// Multiplications of one image.
    fn work(&self, part: &Part) -> usize {
        let [rows, columns] = part.axes.map(|axis| axis.count * axis.taps);
        rows * columns * self.source[2] * self.result[2]
    }

    /// The rows of the source that results `first..end` see, over all parts.
    fn rows(&self, first: usize, end: usize) -> std::ops::Range<isize> {
        let axes = self.parts().iter().map(|p| p.axes[0]).filter(|axis| axis.taps > 0);
        let start = axes.clone().map(|axis| axis.start(first)).min().unwrap_or(0);
        start..axes.map(|axis| axis.end(end)).max().unwrap_or(start).max(start)
    }

    /// The columns that all results see, over all parts.
    fn columns(&self) -> std::ops::Range<isize> {
        let axes = self.parts().iter().map(|p| p.axes[1]).filter(|axis| axis.taps > 0);
        let start = axes.clone().map(|axis| axis.lead).min().unwrap_or(0);
        start..axes.map(|axis| axis.end(axis.count)).max().unwrap_or(start).max(start)
    }
}

/// Some rows of the results of every part of a group, for one image.
struct Band<'a> {
    it: &'a Correlation<'a>,
    values: &'a [f32],
    group: usize,
    band: [usize; 2],
    out: *mut f32,
}

impl WithSimd for Band<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { it, values, group, band: [first, end], out } = self;
        let [height, width, channels] = it.source;
        let outputs = it.result[2];
        let (step, pixel) = (it.groups.len() * channels, it.groups.len() * outputs);
        let out = out.wrapping_add(group * outputs);
        let (rows, columns) = (it.rows(first, end), it.columns());
        let values = &values[group * channels..];
        let image = Image { values, rows: height, columns: width, channels, step };
        let line = columns.len() * channels;
        let mut copy = Buffer::<f32>::stale(rows.len() * line);
        image.copy(rows.clone(), columns.clone(), copy.as_mut_slice());
        let start = copy.as_slice().as_ptr();
        let panels = Panels::new::<f32>(outputs);
        for part in &it.groups[group] {
            let [down, across] = part.axes;
            let run = across.taps * channels;
            for panel in 0..panels.count {
                let (column, vectors) = panels.panel(panel);
                let wide = vectors * panels.lanes;
                let weights = part.weights.panel(column).as_ptr();
                // Rows of the kernel whose weights stay near; at least one.
                let few = (NEAR / (run * wide).max(1)).clamp(1, down.taps.max(1));
                let mut tap = 0;
                loop {
                    let runs = few.min(down.taps - tap);
                    let last = tap + runs == down.taps;
                    let bias = it.bias.filter(|_| last);
                    let bias =
                        bias.map_or(std::ptr::null(), |b| b[group * outputs + column..].as_ptr());
                    let finish = Finish {
                        load: tap > 0,
                        alpha: 1.0,
                        bias,
                        activation: if last { it.activation } else { Activation::Identity },
                    };
                    for q in first..end.min(down.count) {
                        let top = down.start(q) - rows.start + tap as isize;
                        let left = across.start(0) - columns.start;
                        let seen = top * line as isize + left * channels as isize;
                        let place = (down.first + q * down.spacing) * it.result[1] + across.first;
                        let tile = Tile {
                            k: run,
                            runs,
                            run_strides: [line as isize, (run * wide) as isize],
                            a: Source::rows(start.wrapping_offset(seen), across.step * channels),
                            b: Source::rows(weights.wrapping_add(tap * run * wide), wide),
                            c: Target::rows(
                                out.wrapping_add(place * pixel + column),
                                across.spacing * pixel,
                            ),
                            last: (outputs - column).min(wide) - (vectors - 1) * panels.lanes,
                            finish,
                        };
                        // SAFETY: the copy holds all rows and columns that the results of this
                        // band see, the panel a row for each tap and channel; each pixel of the
                        // result lies in it and is written by this band alone.
                        unsafe { tile::run(simd, across.count, vectors, tile) };
                    }
                    tap += runs;
                    if tap >= down.taps {
                        break;
                    }
                }
            }
        }
    }
}
