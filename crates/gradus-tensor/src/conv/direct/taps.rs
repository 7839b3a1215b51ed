//! The weights of a convolution in the order in which the tiles of products read them.

use crate::linalg::Source;
use crate::linalg::packed::{Area, Columns, Packed};
use crate::linalg::product::Panels;

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
        let from = weight([tap / columns, tap % columns]).at(0, first);
        Area { from, size: [channels, outputs - first] }
    };
    let panels = Columns::Tiles(Panels::new::<f32>(outputs));
    // SAFETY: as the caller promises.
    unsafe { Packed::new([rows * columns, channels], panels, true, area) }
}
