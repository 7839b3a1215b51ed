//! The sizes of one convolution, checked once, and the patches of input that its outputs see.
//!
//! All output pixels of all images are counted in one row. A tile is some of them in succession;
//! its patches are a matrix of one row per pixel and `kh · kw · C / groups` columns, small enough
//! for the second-level cache. Tiles depend on the sizes alone.

use super::Conv2dSpec;
use super::window::{Images, image_layout, rank4};
use crate::layout::Layout;
use crate::simd::vectorize_for;
use crate::{Error, Float, Result};

/// Elements in a tile of patches: 192 KiB of `f32`, a fifth of an ordinary second-level cache.
const TILE: usize = 48 * 1024;
/// Multiplications below which a piece of work is not worth handing to a thread.
const WORK: usize = 1 << 19;

#[derive(Debug)]
pub(super) struct Geometry {
    pub(super) images: Images,
    pub(super) out_channels: usize,
    pub(super) groups: usize,
    op: &'static str,
}

impl Geometry {
    /// The convolution of images of shape `x` with weights of shape `w`.
    pub(super) fn new(
        op: &'static str,
        x: &[usize],
        w: &[usize],
        spec: &Conv2dSpec,
    ) -> Result<Self> {
        let [batch, channels, height, width] = rank4(op, x, "[N, C, H, W]")?;
        let [out_channels, per_group, down, across] =
            rank4(op, w, "[O, C / groups, kh, kw] of weights")?;
        let groups = spec.group_count();
        if groups == 0 {
            return Err(Error::value(op, "groups 0", "at least 1"));
        }
        for shape in [x, w] {
            Layout::checked(op, shape)?;
        }
        let wanted = per_group.checked_mul(groups);
        if wanted != Some(channels) {
            let wanted = format!(
                "{per_group} × {groups} channels on axis 1, as the weights {w:?} take in {groups} \
                 group{}",
                if groups == 1 { "" } else { "s" }
            );
            return Err(Error::shape(op, x, wanted));
        }
        if out_channels % groups != 0 {
            let wanted = format!("weights whose axis 0 is a multiple of the {groups} groups");
            return Err(Error::shape(op, w, wanted));
        }
        let rows = spec.window(op, 0, height, down)?;
        let columns = spec.window(op, 1, width, across)?;
        let images = Images { batch, channels, rows, columns };
        let it = Self { images, out_channels, groups, op };
        Layout::checked(op, &it.output_shape())?;
        Ok(it)
    }

    /// Like [`Geometry::new`], given the gradient of the result, which must have its shape.
    pub(super) fn of_grad(
        op: &'static str,
        grad: &[usize],
        x: &[usize],
        w: &[usize],
        spec: &Conv2dSpec,
    ) -> Result<Self> {
        let it = Self::new(op, x, w, spec)?;
        match grad == it.output_shape() {
            true => Ok(it),
            false => {
                let shape = it.output_shape();
                let wanted = format!("{shape:?}, the shape of the result for {x:?} and {w:?}");
                Err(Error::shape(op, grad, wanted))
            }
        }
    }

    pub(super) fn output_shape(&self) -> [usize; 4] {
        let Images { batch, rows, columns, .. } = self.images;
        [batch, self.out_channels, rows.output, columns.output]
    }

    pub(super) fn output_layout<T>(&self) -> Result<Layout> {
        image_layout::<T>(self.op, self.output_shape())
    }

    pub(super) fn input_layout<T>(&self) -> Result<Layout> {
        let Images { batch, channels, rows, columns } = self.images;
        image_layout::<T>(self.op, [batch, channels, rows.input, columns.input])
    }

    /// Channels of the input in one group.
    pub(super) fn group_channels(&self) -> usize {
        self.images.channels / self.groups
    }

    /// Channels of the output in one group.
    pub(super) fn group_outputs(&self) -> usize {
        self.out_channels / self.groups
    }

    /// Elements of one patch of one group, in the order row, column, channel.
    pub(super) fn patch(&self) -> usize {
        self.images.rows.kernel * self.images.columns.kernel * self.group_channels()
    }

    /// Whether each output pixel sees just the input pixel of the same number, so that the images
    /// are their own patches.
    pub(super) fn is_pointwise(&self) -> bool {
        [self.images.rows, self.images.columns]
            .iter()
            .all(|w| w.kernel == 1 && w.stride == 1 && w.padding == 0 && w.output == w.input)
    }

    /// Whether each channel is convolved by itself.
    pub(super) fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.group_channels() == 1
    }

    /// Output pixels in one tile.
    pub(super) fn tile(&self) -> usize {
        (TILE / self.patch().max(1)).clamp(32, 1024).min(self.images.pixels().max(1))
    }

    /// Output pixels in one piece of parallel work: some whole tiles.
    pub(super) fn piece(&self) -> usize {
        let tile = self.tile();
        let work = tile.saturating_mul(self.patch()).saturating_mul(self.group_outputs());
        tile * WORK.div_ceil(work.saturating_mul(self.groups).max(1)).min(1024)
    }

    /// Calls `visit(start in the patch, start in the input, length)` for each run of elements
    /// that lie side by side in the patch of an output pixel and in the input.
    #[inline(always)]
    fn each_run(
        &self,
        group: usize,
        pixel: [usize; 3],
        mut visit: impl FnMut(usize, usize, usize),
    ) {
        let Images { channels, rows, columns, .. } = self.images;
        let size = self.group_channels();
        if self.groups == 1 && columns.dilation == 1 {
            // A row of the kernel is one run.
            let [image, row, column] = pixel;
            let across = columns.taps(column);
            if across.is_empty() {
                return;
            }
            let left = columns.position(column, across.start);
            for down in rows.taps(row) {
                let line = (image * rows.input + rows.position(row, down)) * columns.input;
                let start = (down * columns.kernel + across.start) * size;
                visit(start, (line + left) * channels, across.len() * size);
            }
        } else {
            self.images.each_tap(
                pixel,
                #[inline(always)]
                |tap, at| {
                    visit(tap * size, at * channels + group * size, size);
                },
            );
        }
    }

    /// Fills a tile with the patches of one group at the output pixels from `first` on; zeros
    /// where they reach into the padding.
    pub(super) fn gather<T: Float>(&self, x: &[T], group: usize, first: usize, tile: &mut [T]) {
        let patch = self.patch();
        let count = tile.len() / patch.max(1);
        vectorize_for::<T, T, T, _>(
            #[inline(always)]
            || {
                self.images.each_pixel(
                    first,
                    count,
                    #[inline(always)]
                    |i, pixel| {
                        let out = &mut tile[i * patch..(i + 1) * patch];
                        let Images { rows, columns, .. } = self.images;
                        let taps = rows.taps(pixel[1]).len() * columns.taps(pixel[2]).len();
                        if taps != rows.kernel * columns.kernel {
                            out.fill(T::ZERO);
                        }
                        self.each_run(
                            group,
                            pixel,
                            #[inline(always)]
                            |to, from, n| {
                                out[to..to + n].copy_from_slice(&x[from..from + n]);
                            },
                        );
                    },
                );
            },
        );
    }

    /// The transpose of [`gather`](Geometry::gather): adds each element of the patches to the
    /// element of the input that it was copied from.
    pub(super) fn scatter_add<T: Float>(
        &self,
        tile: &[T],
        group: usize,
        first: usize,
        x: &mut [T],
    ) {
        let patch = self.patch();
        let count = tile.len() / patch.max(1);
        vectorize_for::<T, T, T, _>(
            #[inline(always)]
            || {
                self.images.each_pixel(
                    first,
                    count,
                    #[inline(always)]
                    |i, pixel| {
                        let tile = &tile[i * patch..(i + 1) * patch];
                        self.each_run(
                            group,
                            pixel,
                            #[inline(always)]
                            |from, to, n| {
                                let x = &mut x[to..to + n];
                                x.iter_mut().zip(&tile[from..from + n]).for_each(|(x, &t)| *x += t);
                            },
                        );
                    },
                );
            },
        );
    }
}
