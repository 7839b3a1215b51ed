//! The weights of a convolution in the order in which the tiles of products read them.

use pulp::{Simd, WithSimd};

use crate::linalg::Source;
use crate::linalg::product::Panels;
use crate::linalg::product::pack;
use crate::linalg::shared::Shared;
use crate::memory::Buffer;
use crate::simd::dispatch;
use crate::threads::for_each_index;

/// Weights from which on several threads pack them.
const PARALLEL: usize = 1 << 16;

/// Panel after panel of output channels, each with one row for each tap and input channel.
pub(in crate::conv) struct Taps {
    values: Buffer<f32>,
    /// Input and output channels.
    pub(in crate::conv) sizes: [usize; 2],
    /// Rows of a panel.
    depth: usize,
}

impl Taps {
    /// Packs the weights: `weight([a, b])` is the matrix `[channels, outputs]` of a tap.
    ///
    /// # Safety
    /// The elements of these matrices must be readable.
    pub(in crate::conv) unsafe fn new(
        [rows, columns]: [usize; 2],
        [channels, outputs]: [usize; 2],
        weight: impl Fn([usize; 2]) -> Source + Sync,
    ) -> Self {
        let panels = Panels::new::<f32>(outputs);
        let depth = rows * columns * channels;
        let mut values = Buffer::stale(depth * panels.vectors * panels.lanes);
        let out = Shared::new(values.as_mut_slice());
        for_each_index(panels.count * rows, depth * outputs >= PARALLEL, |i| {
            let (panel, a) = (i / rows, i % rows);
            let (column, vectors) = panels.panel(panel);
            let width = vectors * panels.lanes;
            let count = (outputs - column).min(width);
            for b in 0..columns {
                let tap = a * columns + b;
                let to = out.at((depth * column + tap * channels * width) as isize);
                let from = weight([a, b]).at(0, column);
                dispatch(Pack { sizes: [channels, count], from, width, to });
            }
        });
        Self { values, sizes: [channels, outputs], depth }
    }

    /// From the panel that begins with this output channel on.
    pub(in crate::conv) fn panel(&self, column: usize) -> &[f32] {
        &self.values.as_slice()[self.depth * column..]
    }
}

struct Pack {
    sizes: [usize; 2],
    from: Source,
    width: usize,
    to: *mut f32,
}

impl WithSimd for Pack {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sizes: [k, columns], from, width, to } = self;
        // SAFETY: the caller of `Taps::new` promises readable weights; the buffer has these rows.
        unsafe { pack::pack(simd, k, columns, from, width, to) }
    }
}
