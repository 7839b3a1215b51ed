//! Some rows of an image with zeros around them.

use std::ops::Range;

/// An image with the channels of a pixel side by side.
#[derive(Clone, Copy)]
pub(super) struct Image<'a> {
    pub(super) values: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Those that are seen, from the start of the values on.
    pub(super) channels: usize,
    /// From pixel to pixel.
    pub(super) step: usize,
}

impl Image<'_> {
    /// Copies the given rows and columns into `out`, row by row; those that the image does not have
    /// are zero.
    pub(super) fn copy(&self, rows: Range<isize>, columns: Range<isize>, out: &mut [f32]) {
        let c = self.channels;
        let width = columns.len() * c;
        let inside = |range: &Range<isize>, size: usize| {
            let first = range.start.clamp(0, size as isize);
            first..range.end.clamp(first, size as isize)
        };
        let (seen, across) = (inside(&rows, self.rows), inside(&columns, self.columns));
        let left = (across.start - columns.start) as usize * c;
        let size = across.len() * c;
        for (row, out) in rows.zip(out.chunks_exact_mut(width.max(1))) {
            if !seen.contains(&row) || size == 0 {
                out.fill(0.0);
                continue;
            }
            let from = (row as usize * self.columns + across.start as usize) * self.step;
            out[..left].fill(0.0);
            if self.step == c {
                out[left..left + size].copy_from_slice(&self.values[from..from + size]);
            } else {
                let pixels = self.values[from..].chunks(self.step);
                for (out, pixel) in out[left..left + size].chunks_exact_mut(c).zip(pixels) {
                    out.copy_from_slice(&pixel[..c]);
                }
            }
            out[left + size..].fill(0.0);
        }
    }
}
