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

/// The same for channels-last weights as they are: of each output channel all `taps` and channels lie
/// side by side, so that they are turned in one go, and not tap by tap.
pub(in crate::conv) fn taps_in_order(
    w: &[f32],
    [taps, channels]: [usize; 2],
    outputs: usize,
) -> Packed<f32> {
    let patch = taps * channels;
    assert!(w.len() >= patch * outputs);
    // Several runs, where they are worth several threads.
    let runs = if patch * outputs < 1 << 16 { 1 } else { taps };
    let rows = patch.checked_div(runs).unwrap_or_default();
    let area = |run: usize, first| {
        let from = Source::columns(w.as_ptr().wrapping_add(run * rows), patch).at(0, first);
        Area { from, size: [rows, outputs - first] }
    };
    let panels = Columns::Tiles(Panels::new::<f32>(outputs));
    // SAFETY: the weights have `patch` elements for each output channel.
    unsafe { Packed::new([runs, rows], panels, true, area) }
}
