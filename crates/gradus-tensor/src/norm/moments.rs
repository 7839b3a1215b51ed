//! Mean and variance in one read of memory.
//!
//! Elements are taken in blocks that stay in the cache. For each block
//! `m = 1/n Σ x` and `q = Σ (x - m)² - (Σ (x - m))² / n` (the corrected two-pass formula: Chan,
//! Golub and LeVeque, *Algorithms for computing the sample variance*, 1983, eq. 1.7), and blocks
//! are joined in double precision by `δ = m₂ - m₁`, `n = n₁ + n₂`, `m = m₁ + δ n₂/n`,
//! `q = q₁ + q₂ + δ² n₁ n₂/n` (the same, eq. 2.1). So nothing cancels, however far the mean is
//! from zero.

use smallvec::SmallVec;

use crate::layout::{Dims, Layout};
use crate::memory::Buffer;
use crate::sums::{Deviations, DeviationsOfColumns, Numbers, add_rows, finish, join, sums};
use crate::threads::{PIECE, for_each_piece, map_indices};
use crate::{Error, Float, Result, Tensor, concrete};

/// Elements of a block: it is read twice, the second time from the cache.
const BLOCK: usize = 8 * 1024;
/// Elements of a row that keep the adders busy.
const WIDE: usize = 256;

/// Count, mean, and sum of squared distances from the mean.
#[derive(Clone, Copy, Default)]
struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn joined(self, other: Self) -> Self {
        if self.n == 0.0 {
            return other;
        }
        let n = self.n + other.n;
        let delta = other.mean - self.mean;
        if !delta.is_finite() {
            // The mean of infinite numbers is infinite, or NaN where they are of both signs.
            return Self { n, mean: self.mean + other.mean, squares: f64::NAN };
        }
        Self {
            n,
            mean: self.mean + delta * (other.n / n),
            squares: self.squares + other.squares + delta * delta * (self.n * other.n / n),
        }
    }

    /// From the mean that the first pass gave, and the sums of `x - mean` and its square.
    fn corrected(n: f64, mean: f64, rest: f64, squares: f64) -> Self {
        if !mean.is_finite() {
            return Self { n, mean, squares: f64::NAN };
        }
        let squares = squares - rest * rest / n;
        // Rounding may leave less than nothing; a NaN stays.
        Self { n, mean: mean + rest / n, squares: if squares < 0.0 { 0.0 } else { squares } }
    }
}

impl<T: Float> Tensor<T> {
    /// The mean along `axes` and the variance around it (the mean square distance, divided by `n`,
    /// not `n - 1`); the axes stay as axes of size 1 if `keep` is set. Both are NaN over no
    /// elements; where an element is infinite, the mean is what adding up gives, and the variance is NaN.
    ///
    /// Memory is read once, in the order in which it lies: `&[0, 2, 3]` of images is as quick
    /// channels-last as row-major, and so is `&[-1]` of rows.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1.0, 3.0, 5.0, 5.0], [2, 2])?;
    /// let (mean, var) = x.mean_var(&[1], false)?;
    /// assert_eq!((mean.to_vec(), var.to_vec()), (vec![2.0, 5.0], vec![1.0, 0.0]));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Axis`] if an axis does not exist, [`Error::Value`] if it is named twice.
    pub fn mean_var(&self, axes: &[isize], keep: bool) -> Result<(Self, Self)> {
        type Kernel<T> = fn(&Tensor<T>, &[isize], bool) -> Result<(Tensor<T>, Tensor<T>)>;
        concrete!(Tensor::both_moments: Kernel<T>)(self, axes, keep)
    }

    fn both_moments(&self, axes: &[isize], keep: bool) -> Result<(Self, Self)> {
        let (layout, moments) = self.moments_along(axes, keep)?;
        Ok((part(&layout, &moments, |m| m.mean), part(&layout, &moments, |m| m.squares / m.n)))
    }

    /// The variances along `axes`, with the sums of squares divided by `n - correction`.
    pub(crate) fn variances(&self, axes: &[isize], keep: bool, correction: usize) -> Result<Self> {
        let (layout, moments) = self.moments_along(axes, keep)?;
        let correction = correction as f64;
        Ok(part(&layout, &moments, |m| m.squares / (m.n - correction).max(0.0)))
    }

    /// The moments along `axes`, in the order of the elements in the layout of a result.
    fn moments_along(&self, axes: &[isize], keep: bool) -> Result<(Layout, Vec<Moments>)> {
        let mut reduced = SmallVec::<[bool; 6]>::from_elem(false, self.rank());
        for &axis in axes {
            if std::mem::replace(&mut reduced[self.axis("mean_var", axis)?], true) {
                let got = format!("axes {axes:?}, with axis {axis} twice");
                return Err(Error::value("mean_var", got, "each axis at most once"));
            }
        }
        let order = self.layout.order();
        let mut shape = self.layout.shape.clone();
        (0..self.rank()).filter(|&a| reduced[a]).for_each(|a| shape[a] = 1);
        Layout::with_room::<Moments>("mean_var", &shape)?;
        let kept = Layout::dense(&shape, &order);
        let moments = match self.is_empty() {
            true => vec![Moments { n: 0.0, mean: f64::NAN, squares: f64::NAN }; kept.len()],
            false => self.moments(&order, &reduced),
        };
        let layout = if keep { kept.clone() } else { without(&kept, &reduced) };
        Ok((layout, moments))
    }

    /// The moments in the order of the kept axes in memory.
    fn moments(&self, order: &[usize], reduced: &[bool]) -> Vec<Moments> {
        // Memory as [before, kept, after], of which the outer two are reduced.
        let mut sizes = [1, 1, 1];
        let mut part = 0;
        let mut fits = self.layout.is_dense();
        for &axis in order.iter().filter(|&&axis| self.shape()[axis] != 1) {
            match (reduced[axis], part) {
                (false, 0) => part = 1,
                (true, 1) => part = 2,
                (false, 2) => fits = false,
                _ => {}
            }
            sizes[part] *= self.shape()[axis];
        }
        let axes = |take: bool| order.iter().copied().filter(move |&a| reduced[a] == take);
        let sorted: Dims = axes(false).chain(axes(true)).collect();
        let x = match fits {
            true => self.clone(),
            false => {
                let size = |take: bool| axes(take).map(|a| self.shape()[a]).product();
                sizes = [1, size(false), size(true)];
                self.copied_to(Layout::dense(self.shape(), &sorted))
            }
        };
        let values = x.as_dense().unwrap_or_default();
        match sizes {
            [before, 1, after] => of_rows(values, [1, 1, before * after]),
            [before, kept, 1] => of_columns(values, before, kept),
            sizes => of_rows(values, sizes),
        }
    }
}

/// A tensor of one number of each.
fn part<T: Float>(
    layout: &Layout,
    moments: &[Moments],
    value: impl Fn(&Moments) -> f64,
) -> Tensor<T> {
    Tensor::build(layout.clone(), |out| {
        out.iter_mut().zip(moments).for_each(|(o, m)| *o = T::from_f64(value(m)));
    })
}

/// A layout without some of its axes, all of size 1.
fn without(layout: &Layout, drop: &[bool]) -> Layout {
    let mut layout = layout.clone();
    for axis in (0..drop.len()).rev().filter(|&axis| drop[axis]) {
        layout.shape.remove(axis);
        layout.strides.remove(axis);
    }
    layout
}

/// `[before, kept, after]`: each kept element has `before` rows of `after` elements.
fn of_rows<T: Float>(values: &[T], [before, kept, after]: [usize; 3]) -> Vec<Moments> {
    let blocks = after.div_ceil(BLOCK);
    let mut parts = vec![Moments::default(); before * kept * blocks];
    let piece = (PIECE / after.min(BLOCK)).max(1);
    for_each_piece(&mut parts, piece, |i, parts| {
        for (j, part) in parts.iter_mut().enumerate() {
            let (row, block) = ((i * piece + j) / blocks, (i * piece + j) % blocks);
            let row = &values[row * after..(row + 1) * after];
            *part = of_block(&row[block * BLOCK..after.min((block + 1) * BLOCK)]);
        }
    });
    let mut all = vec![Moments::default(); kept];
    for (i, part) in parts.into_iter().enumerate() {
        let at = &mut all[i / blocks % kept];
        *at = at.joined(part);
    }
    all
}

fn of_block<T: Float>(block: &[T]) -> Moments {
    let n = block.len() as f64;
    let [sum] = sums([block], Numbers);
    let mean = T::from_f64(sum.to_f64() / n);
    let [rest, squares] = sums([block], Deviations(mean));
    Moments::corrected(n, mean.to_f64(), rest.to_f64(), squares.to_f64())
}

/// `[rows, kept]`: each kept element is a column.
fn of_columns<T: Float>(values: &[T], rows: usize, kept: usize) -> Vec<Moments> {
    // Short rows are taken some at a time, as one row of so many times the columns: a loop over few columns
    // is over before it is at its speed.
    let mut together = 1;
    while rows.is_multiple_of(2 * together) && 2 * together * kept <= WIDE {
        together *= 2;
    }
    let wide = together * kept;
    // Few blocks: their moments are joined in f64, column by column.
    let block = (4 * BLOCK / wide).clamp(16, 1024) * wide;
    let blocks = values.len().div_ceil(block);
    let parts = map_indices(blocks, values.len() > PIECE, |i| {
        of_column_block(&values[i * block..values.len().min((i + 1) * block)], kept, wide)
    });
    let mut all = vec![Moments::default(); kept];
    for part in parts {
        all.iter_mut().zip(part).for_each(|(all, part)| *all = all.joined(part));
    }
    all
}

/// Of a block of rows of `wide` elements, in each of which the columns come several times.
fn of_column_block<T: Float>(block: &[T], kept: usize, wide: usize) -> Vec<Moments> {
    let n = (block.len() / kept) as f64;
    let mut scratch = Buffer::stale(5 * wide);
    let (mean, totals) = scratch.as_mut_slice().split_at_mut(wide);
    totals.fill(T::ZERO);
    let (first, second) = totals.split_at_mut(2 * wide);
    let (rest, lost) = first.split_at_mut(wide);
    add_rows([[&mut *rest, &mut *lost]], [block], [], Numbers);
    together(rest, lost, kept);
    let count = T::from_f64(n);
    for mean in mean.chunks_exact_mut(kept) {
        finish(mean, &rest[..kept], &lost[..kept]);
        mean.iter_mut().for_each(|m| *m = *m / count);
    }
    rest.fill(T::ZERO);
    lost.fill(T::ZERO);
    let (squares, more) = second.split_at_mut(wide);
    add_rows(
        [[&mut *rest, &mut *lost], [&mut *squares, &mut *more]],
        [block],
        [mean],
        DeviationsOfColumns,
    );
    together(rest, lost, kept);
    together(squares, more, kept);
    let moments = |i: usize| {
        let [rest, squares] = [rest[i] + lost[i], squares[i] + more[i]].map(T::to_f64);
        Moments::corrected(n, mean[i].to_f64(), rest, squares)
    };
    (0..kept).map(moments).collect()
}

/// Adds to the totals of the first `kept` columns those of the same columns further on.
fn together<T: Float>(sums: &mut [T], lost: &mut [T], kept: usize) {
    let (sums, more_sums) = sums.split_at_mut(kept);
    let (lost, more_lost) = lost.split_at_mut(kept);
    for (others, more) in more_sums.chunks_exact(kept).zip(more_lost.chunks_exact(kept)) {
        join([&mut *sums, &mut *lost], [others, more]);
    }
}
