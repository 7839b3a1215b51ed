//! A picture in memory: `height · width · channels` bytes, row by row, the channels of a pixel side by
//! side.
//!
//! | channels | of a pixel |
//! |---|---|
//! | 1 | grey |
//! | 2 | grey, alpha |
//! | 3 | red, green, blue |
//! | 4 | red, green, blue, alpha |
//!
//! Alpha 255 is opaque; colours are not multiplied by it.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::Size;
use crate::{Collate, Error, Result};

/// A picture of bytes; see the table above for its channels.
///
/// ```
/// use gradus_data::vision::Image;
/// let red = Image::filled([2, 3], &[255, 0, 0])?;
/// assert_eq!((red.height(), red.width(), red.channels()), (2, 3, 3));
/// let x = red.to_tensor();
/// assert_eq!(x.shape(), [3, 2, 3]);
/// assert_eq!(x.get([0, 1, 2])?, 1.0);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    size: Size,
    channels: usize,
    pixels: Vec<u8>,
}

impl Image {
    /// A picture of `pixels`: `height · width · channels` bytes, row by row.
    ///
    /// # Errors
    /// [`Error::Value`] unless height and width are at least 1, there are 1 to 4 channels, and the
    /// pixels are exactly as many as that makes.
    pub fn new(size: impl Into<Size>, channels: usize, pixels: Vec<u8>) -> Result<Self> {
        let (op, size) = ("Image::new", size.into());
        if !(1..=4).contains(&channels) {
            let wanted = "1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGBA)";
            return Err(Error::value(op, format!("channels = {channels}"), wanted));
        }
        match size.area().and_then(|area| area.checked_mul(channels)) {
            Some(len) if len == pixels.len() && len > 0 => Ok(Self { size, channels, pixels }),
            _ => {
                let got = format!("{} bytes for {size} with {channels} channels", pixels.len());
                Err(Error::value(op, got, "height · width · channels of them, at least one pixel"))
            }
        }
    }

    /// A picture with every pixel of one colour, which has a byte for each channel.
    ///
    /// # Errors
    /// As [`new`](Self::new), and for sizes that memory cannot hold.
    pub fn filled(size: impl Into<Size>, colour: &[u8]) -> Result<Self> {
        let size = size.into();
        let area = size.memory("Image::filled", colour.len())?;
        Self::new(size, colour.len(), colour.repeat(area))
    }

    /// As [`new`](Self::new), of pixels that were counted by the caller.
    pub(crate) fn of(size: Size, channels: usize, pixels: Vec<u8>) -> Self {
        debug_assert_eq!(size.height * size.width * channels, pixels.len());
        Self { size, channels, pixels }
    }

    /// Height and width.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.size.height
    }

    /// The number of pixels in a row.
    pub fn width(&self) -> usize {
        self.size.width
    }

    /// Bytes of a pixel, 1 to 4.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Whether the last channel is alpha.
    pub fn has_alpha(&self) -> bool {
        self.channels.is_multiple_of(2)
    }

    /// How many channels are colours: 1 for grey, 3 for RGB.
    pub fn colours(&self) -> usize {
        self.channels - usize::from(self.has_alpha())
    }

    /// All bytes, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All bytes, to change them in place.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }

    /// All bytes, without a copy.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// The bytes of one row.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        let stride = self.width() * self.channels;
        &self.pixels[y * stride..][..stride]
    }

    /// The channels of the pixel in row `y` and column `x`, from 0.
    ///
    /// # Errors
    /// [`Error::Value`] beyond the edges.
    pub fn pixel(&self, y: usize, x: usize) -> Result<&[u8]> {
        if y >= self.height() || x >= self.width() {
            let got = format!("row {y}, column {x} of {}", self.size);
            return Err(Error::value("Image::pixel", got, "a place inside of the picture"));
        }
        Ok(&self.row(y)[x * self.channels..][..self.channels])
    }

    /// The picture as a network takes it: `[C, H, W]`, from 0 to 1 (byte / 255), as torchvision's
    /// `to_tensor`.
    pub fn to_tensor(&self) -> Tensor {
        Tensor::filled_by([self.channels, self.height(), self.width()], |out| self.planes(out))
    }

    fn planes(&self, out: &mut [f32]) {
        let area = self.height() * self.width();
        for (c, plane) in out.chunks_exact_mut(area).enumerate() {
            let values = self.pixels[c..].iter().step_by(self.channels);
            plane.iter_mut().zip(values).for_each(|(x, &byte)| *x = f32::from(byte) / 255.0);
        }
    }

    /// The picture of a tensor `[C, H, W]` with values from 0 to 1: `round(255 · x)`, values outside
    /// cut off and NaN 0. The way back from [`to_tensor`](Self::to_tensor) changes nothing.
    ///
    /// # Errors
    /// If the shape is no `[C, H, W]` of 1 to 4 channels.
    pub fn from_tensor(image: &Tensor) -> Result<Self> {
        let &[channels, height, width] = image.shape() else {
            let wanted = "an image [C, H, W]";
            return Err(gradus_tensor::Error::shape("from_tensor", image.shape(), wanted).into());
        };
        let values = image.to_vec();
        let area = height * width;
        let byte = |i: usize| {
            let (pixel, c) = (i / channels, i % channels);
            (values[c * area + pixel] * 255.0).round() as u8
        };
        Self::new([height, width], channels, (0..values.len()).map(byte).collect())
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} channels)", self.size, self.channels)
    }
}

/// A batch of pictures is what a network takes: `[N, C, H, W]`, from 0 to 1.
impl Collate for Image {
    type Batch = Var;

    fn collate(items: Vec<Self>) -> Result<Var> {
        let shape = |image: &Self| [image.channels, image.height(), image.width()];
        let first = items.first().map(shape).ok_or(Error::EmptyBatch)?;
        if let Some(item) = items.iter().position(|other| shape(other) != first) {
            let (got, wanted) = (shape(&items[item]).to_vec(), first.to_vec());
            return Err(Error::Stack { item, got, wanted });
        }
        let [channels, height, width] = first;
        let batch = Tensor::filled_by([items.len(), channels, height, width], |out| {
            let images = out.chunks_exact_mut(channels * height * width);
            images.zip(&items).for_each(|(out, image)| image.planes(out));
        });
        Ok(batch.into())
    }

    fn digest(batch: &Var, so_far: u64) -> Option<u64> {
        f32::digest(batch, so_far)
    }
}
