//! The weights of a convolution in the order in which the tiles of products read them.

use crate::linalg::f32::Panels;
use crate::linalg::f32::pack::Source;
use crate::linalg::packed::{Area, Columns, Packed};

/// Panel after panel of output channels, each with one row for each tap and input channel:
/// `weight([a, b])` is the matrix `[channels, outputs]` of a tap.
///
/// # Safety
/// The elements of these matrices must be readable.
pub(in crate::conv) unsafe fn taps(
    [rows, columns]: [usize; 2],
    [channels, outputs]: [usize; 2],
    weight: impl Fn([usize; 2]) -> Source + Sync,
) -> Packed<f32> {
    let area = |tap, first| {
        let Source { start, strides } = weight([tap / columns, tap % columns]).at(0, first);
        Area { start, strides, size: [channels, outputs - first] }
    };
    let panels = Columns::Tiles(Panels::new(outputs));
    // SAFETY: as the caller promises.
    unsafe { Packed::new([rows * columns, channels], panels, true, area) }
}
