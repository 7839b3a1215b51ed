//! Images of small whole numbers with labels, held as bytes and turned into `f32` batch by batch.

use std::sync::Arc;

use gradus_tensor::Tensor;

use crate::collate::{BatchOf, Collate};
use crate::{Dataset, Error, Result};

/// Labelled images in memory, a byte for each pixel: a quarter of what `f32` would take.
///
/// An item is an image `[C, H, W]` with values from 0 to 1 (byte divided by the white value) and its
/// label, a class from 0. Cloning is cheap: clones share the bytes.
///
/// ```
/// use gradus_data::{Dataset, LabelledImages};
/// let pixels = vec![0, 51, 255, 255];
/// let pair = LabelledImages::new("pair", pixels, vec![1, 0], [1, 1, 2], 255, ["dark", "light"])?;
/// let (image, label) = pair.get(0)?;
/// assert_eq!((image.to_vec(), label), (vec![0.0, 0.2], 1));
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LabelledImages {
    pixels: Arc<[u8]>,
    labels: Arc<[u8]>,
    shape: [usize; 3],
    white: u8,
    class_names: Arc<[String]>,
}

impl LabelledImages {
    /// Images one after the other, row by row, each of shape `[C, H, W]`, and a label for each.
    /// `name` stands for the data in errors.
    ///
    /// # Errors
    /// [`Error::Value`] if an image has no pixels, if `white` is 0, if a pixel exceeds it, or if the
    /// pixels are not whole images; [`Error::Counts`] if there are not as many labels as images;
    /// [`Error::Label`] if a label has no class name.
    pub fn new<S: Into<String>>(
        name: &str,
        pixels: Vec<u8>,
        labels: Vec<u8>,
        shape: [usize; 3],
        white: u8,
        class_names: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        let op = "LabelledImages::new";
        let size = shape.iter().try_fold(1_usize, |n, &dim| n.checked_mul(dim)).unwrap_or(0);
        if size == 0 || !pixels.len().is_multiple_of(size) {
            let got = format!("{} pixels for images of shape {shape:?}", pixels.len());
            return Err(Error::value(op, got, "whole images of at least one pixel"));
        }
        if let Some(i) = pixels.iter().position(|&p| p > white || white == 0) {
            let got = format!("value {} in image {} of {name}", pixels[i], i / size);
            return Err(Error::value(op, got, format!("values from 0 to {white}, which is white")));
        }
        if pixels.len() / size != labels.len() {
            let (images, labels) = (pixels.len() / size, labels.len());
            return Err(Error::Counts { source_name: name.into(), images, labels });
        }
        let class_names: Arc<[String]> = class_names.into_iter().map(Into::into).collect();
        let (pixels, labels) = (pixels.into(), labels.into());
        let all = Self { pixels, labels, shape, white, class_names };
        all.check_labels(name)?;
        Ok(all)
    }

    /// The same images with other names for the classes.
    ///
    /// # Errors
    /// [`Error::Label`] if a label has no name.
    pub fn with_class_names<S: Into<String>>(
        self,
        class_names: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        let class_names = class_names.into_iter().map(Into::into).collect();
        let renamed = Self { class_names, ..self };
        renamed.check_labels("with_class_names")?;
        Ok(renamed)
    }

    /// The same images with rows and columns exchanged: `[C, W, H]`, for files that hold them column by column, as those of
    /// EMNIST do. Names and labels stay.
    ///
    /// ```
    /// use gradus_data::LabelledImages;
    /// let wide = LabelledImages::new("wide", vec![1, 2, 3, 4, 5, 6], vec![0], [1, 2, 3], 8, ["one"])?;
    /// let tall = wide.transposed();
    /// assert_eq!(tall.image_shape(), [1, 3, 2]);
    /// assert_eq!(tall.images().map(|x| 8.0 * x).to_vec(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    pub fn transposed(mut self) -> Self {
        let [c, h, w] = self.shape;
        transpose(Arc::make_mut(&mut self.pixels), h, w);
        Self { shape: [c, w, h], ..self }
    }

    fn check_labels(&self, name: &str) -> Result<()> {
        let classes = self.class_names.len();
        match self.labels.iter().position(|&label| usize::from(label) >= classes) {
            None => Ok(()),
            Some(item) => {
                let label = i64::from(self.labels[item]);
                Err(Error::Label { source_name: name.into(), item, label, classes })
            }
        }
    }

    /// The names of the classes; a label is an index into them.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// How many images each class has.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.class_names.len()];
        self.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
        counts
    }

    /// The shape of one image: `[C, H, W]`.
    pub fn image_shape(&self) -> [usize; 3] {
        self.shape
    }

    /// All images: `[N, C, H, W]`, from 0 to 1.
    pub fn images(&self) -> Tensor {
        let [c, h, w] = self.shape;
        let white = f32::from(self.white);
        Tensor::filled_by([self.labels.len(), c, h, w], |out| {
            scale(out, &self.pixels, white);
        })
    }

    /// All labels: `[N]`.
    pub fn labels(&self) -> Tensor<i64> {
        let labels: Vec<i64> = self.labels.iter().map(|&label| i64::from(label)).collect();
        Tensor::vector(labels)
    }

    fn pixels_of(&self, index: usize) -> &[u8] {
        let size: usize = self.shape.iter().product();
        &self.pixels[index * size..][..size]
    }
}

fn scale(out: &mut [f32], pixels: &[u8], white: f32) {
    out.iter_mut().zip(pixels).for_each(|(x, &pixel)| *x = f32::from(pixel) / white);
}

/// Exchanges rows and columns of images that stand one after the other.
pub(crate) fn transpose(pixels: &mut [u8], rows: usize, columns: usize) {
    let mut image = vec![0; rows * columns];
    for pixels in pixels.chunks_exact_mut(image.len().max(1)) {
        image.copy_from_slice(pixels);
        for (i, pixel) in pixels.iter_mut().enumerate() {
            *pixel = image[i % rows * columns + i / rows];
        }
    }
}

impl Dataset for LabelledImages {
    type Item = (Tensor, i64);

    fn len(&self) -> usize {
        self.labels.len()
    }

    fn get(&self, index: usize) -> Result<(Tensor, i64)> {
        Error::check_index("LabelledImages", index, self.len())?;
        let white = f32::from(self.white);
        let image = Tensor::filled_by(self.shape, |out| scale(out, self.pixels_of(index), white));
        Ok((image, i64::from(self.labels[index])))
    }

    fn get_batch(&self, indices: &[usize], _epoch: u64) -> Result<BatchOf<Self>> {
        if indices.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let check = |&index: &usize| Error::check_index("LabelledImages", index, self.len());
        indices.iter().try_for_each(check)?;
        let [c, h, w] = self.shape;
        let white = f32::from(self.white);
        let images = Tensor::filled_by([indices.len(), c, h, w], |out| {
            for (image, &index) in out.chunks_exact_mut(c * h * w).zip(indices) {
                scale(image, self.pixels_of(index), white);
            }
        });
        let labels = indices.iter().map(|&index| i64::from(self.labels[index])).collect();
        Ok((images.into(), Collate::collate(labels)?))
    }
}
