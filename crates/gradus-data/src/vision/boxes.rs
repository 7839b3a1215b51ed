//! Boxes around things in a picture: `[x₁, y₁, x₂, y₂]` in pixels from the upper left corner of the
//! picture, and a label for each (torchvision's format `XYXY`).
//!
//! A change that moves pixels moves the four corners; the new box is the smallest one around them,
//! cut to the picture, as torchvision's `clamp_bounding_boxes`.

use super::Size;
use crate::digest::mix;
use crate::{Collate, Error, Result};

/// The boxes of a picture of one size, with their labels.
///
/// ```
/// use gradus_data::vision::{Boxes, Flip, Part};
/// let boxes = Boxes::new([10, 20], vec![[1.0, 2.0, 5.0, 4.0]], vec![7])?;
/// let mirrored = boxes.change(&Flip::Horizontal)?;
/// assert_eq!(mirrored.corners(), [[15.0, 2.0, 19.0, 4.0]]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Boxes {
    size: Size,
    corners: Vec<[f32; 4]>,
    labels: Vec<i64>,
}

impl Boxes {
    /// Boxes in a picture of this size.
    ///
    /// # Errors
    /// [`Error::Value`] unless there is a label for each box, and each is finite with `x₁ ≤ x₂` and
    /// `y₁ ≤ y₂`.
    pub fn new(size: impl Into<Size>, corners: Vec<[f32; 4]>, labels: Vec<i64>) -> Result<Self> {
        let (op, size) = ("Boxes::new", size.into());
        if corners.len() != labels.len() {
            let got = format!("{} boxes and {} labels", corners.len(), labels.len());
            return Err(Error::value(op, got, "a label for each box"));
        }
        let whole = |b: &[f32; 4]| b.iter().all(|x| x.is_finite()) && b[0] <= b[2] && b[1] <= b[3];
        if let Some(i) = corners.iter().position(|b| !whole(b)) {
            let got = format!("box {i}: {:?}", corners[i]);
            return Err(Error::value(op, got, "finite [x1, y1, x2, y2], x1 <= x2, y1 <= y2"));
        }
        Ok(Self { size, corners, labels })
    }

    /// The size of the picture.
    pub fn size(&self) -> Size {
        self.size
    }

    /// `[x₁, y₁, x₂, y₂]` of each box, in pixels.
    pub fn corners(&self) -> &[[f32; 4]] {
        &self.corners
    }

    /// A label for each box.
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }

    /// Without the boxes that are less than `least` pixels wide or high, and their labels: after a crop
    /// of many nothing is left. (torchvision's `SanitizeBoundingBoxes`, with `min_size` 1 there.)
    pub fn sanitize(mut self, least: f32) -> Self {
        let large = |b: &[f32; 4]| b[2] - b[0] >= least && b[3] - b[1] >= least;
        let keep: Vec<bool> = self.corners.iter().map(large).collect();
        let mut of_labels = keep.iter();
        self.labels.retain(|_| *of_labels.next().unwrap_or(&true));
        let mut of_corners = keep.iter();
        self.corners.retain(|_| *of_corners.next().unwrap_or(&true));
        self
    }

    /// The boxes after every point `(x, y)` of the picture was moved, in a picture of a new size.
    pub(crate) fn moved(mut self, size: Size, to: impl Fn(f64, f64) -> (f64, f64)) -> Self {
        // In this order a point that is nowhere (NaN) becomes 0.
        let inside = |x: f64, most: usize| x.max(0.0).min(most as f64) as f32;
        for corners in &mut self.corners {
            let [x1, y1, x2, y2] = corners.map(f64::from);
            let points = [to(x1, y1), to(x2, y1), to(x1, y2), to(x2, y2)];
            let (mut low, mut high) = (points[0], points[0]);
            for (x, y) in points {
                low = (low.0.min(x), low.1.min(y));
                high = (high.0.max(x), high.1.max(y));
            }
            let (width, height) = (size.width, size.height);
            *corners = [
                inside(low.0, width),
                inside(low.1, height),
                inside(high.0, width),
                inside(high.1, height),
            ];
        }
        self.size = size;
        self
    }
}

/// Pictures differ in their number of boxes: a batch is a list.
impl Collate for Boxes {
    type Batch = Vec<Self>;

    fn collate(items: Vec<Self>) -> Result<Vec<Self>> {
        Ok(items)
    }

    fn digest(batch: &Vec<Self>, so_far: u64) -> Option<u64> {
        Some(batch.iter().fold(so_far, |all, boxes| {
            let [height, width] = [boxes.size.height, boxes.size.width].map(usize::to_le_bytes);
            let all = mix(mix(mix(all, height), width), boxes.labels.len().to_le_bytes());
            let corners = boxes.corners.iter().flatten();
            let all = corners.fold(all, |all, corner| mix(all, corner.to_le_bytes()));
            boxes.labels.iter().fold(all, |all, label| mix(all, label.to_le_bytes()))
        }))
    }
}
