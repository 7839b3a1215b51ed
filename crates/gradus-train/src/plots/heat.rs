//! Maps over pictures: which pixels count (Grad-CAM, saliency), and which class each pixel is.

use gradus_data::vision::{Filter, Image};
use gradus_tensor::{Float, Tensor};

use super::ImageGrid;
use super::colors::{CURVES, WHITE, heated, mix};
use super::grid::picture;
use super::picture::of_colors;
use crate::{Error, Result};

impl ImageGrid {
    /// Images `[N, C, H, W]`, and beside each a map `[N, h, w]` over it: the picture in grey, from yellow to vermilion where the map
    /// is high. Each map is divided by its largest value; values below 0 are nothing. A smaller map is interpolated
    /// (bilinear). Lines, one for each picture or none at all, stand below.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::plots::{ImageGrid, Plot};
    /// let images = Tensor::full([1, 3, 8, 8], 0.5);
    /// let map = Tensor::from_vec(vec![0.0_f32, 0.0, 0.0, 1.0], [1, 2, 2])?;
    /// let grid = ImageGrid::heat_maps(&images, &[("Grad-CAM", &map)], &["cat"])?;
    /// assert!(grid.svg()?.contains("Grad-CAM"));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if the shapes do not fit.
    pub fn heat_maps<T: Float>(
        images: &Tensor,
        maps: &[(&str, &Tensor<T>)],
        lines: &[impl AsRef<str>],
    ) -> Result<Self> {
        const OP: &str = "ImageGrid::heat_maps";
        let mut grid = Self::new("What counts").columns(maps.len() + 1);
        for i in 0..samples(OP, images, lines.len())? {
            let image = images.index(0, i)?;
            let line = lines.get(i).map(|line| line.as_ref().to_string());
            grid.push(picture(OP, &image)?, line.into_iter().collect(), None)?;
            for (name, map) in maps {
                if map.rank() != 3 || map.shape()[0] != images.shape()[0] || map.is_empty() {
                    let got = format!("maps {:?}", map.shape());
                    let wanted = format!("[{}, h, w]: one for each image", images.shape()[0]);
                    return Err(Error::value(OP, got, wanted));
                }
                let over = heat_over(OP, &image, &map.index(0, i)?)?;
                grid.push(over, vec![(*name).to_string()], None)?;
            }
        }
        Ok(grid)
    }

    /// Images `[N, C, H, W]`, and beside each the classes `[N, H, W]` of its pixels over it, for each name a set of them: what was
    /// found, what is there. Class 0 is the ground, which is left as it is; the others have the colours of curves, and pale ones
    /// from the seventh on.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::plots::ImageGrid;
    /// let images = Tensor::full([2, 1, 8, 8], 0.5);
    /// let (found, there) = (Tensor::zeros([2, 8, 8]), Tensor::ones([2, 8, 8]));
    /// let grid = ImageGrid::masks(&images, &[("found", &found), ("there", &there)])?;
    /// assert_eq!(grid.len(), 6);
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if the shapes do not fit.
    pub fn masks(images: &Tensor, masks: &[(&str, &Tensor<i64>)]) -> Result<Self> {
        const OP: &str = "ImageGrid::masks";
        let sets = masks.len() + 1;
        let mut grid = Self::new("Masks").columns(sets * (6 / sets).max(1));
        for i in 0..samples(OP, images, 0)? {
            let image = images.index(0, i)?;
            grid.push(picture(OP, &image)?, vec![String::new()], None)?;
            for (name, classes) in masks {
                let fits = match (images.shape(), classes.shape()) {
                    ([n, _, h, w], [m, i, j]) => (n, h, w) == (m, i, j),
                    _ => false,
                };
                if !fits {
                    let got = format!("classes {:?} for {:?}", classes.shape(), images.shape());
                    return Err(Error::value(OP, got, "[N, H, W] for images [N, C, H, W]"));
                }
                let over = mask_over(OP, &image, &classes.index(0, i)?)?;
                grid.push(over, vec![(*name).to_string()], None)?;
            }
        }
        Ok(grid)
    }
}

/// How many images there are.
fn samples(op: &'static str, images: &Tensor, lines: usize) -> Result<usize> {
    match images.shape() {
        [n, ..] if images.rank() == 4 && (lines == 0 || lines == *n) => Ok(*n),
        shape => {
            let got = format!("images {shape:?} and {lines} lines");
            Err(Error::value(op, got, "[N, C, H, W], and a line for each image or none"))
        }
    }
}

fn heat_over<T: Float>(op: &'static str, image: &Tensor, map: &Tensor<T>) -> Result<Image> {
    let grey = picture(op, image)?.with_channels(1)?;
    let map: Tensor = map.cast();
    let values = map.map(|v: f32| if v.is_finite() { v.max(0.0) } else { 0.0 });
    let largest = values.max()?.item()?;
    let scaled = values.map(|v: f32| if largest > 0.0 { v / largest } else { 0.0 });
    let heat = picture(op, &scaled)?.resize(grey.size(), Filter::Bilinear)?;
    let pairs = grey.pixels().iter().zip(heat.pixels());
    let colors: Vec<_> = pairs.map(|(&g, &h)| heated(g, f64::from(h) / 255.0)).collect();
    of_colors([grey.height(), grey.width()], &colors)
}

fn mask_over(op: &'static str, image: &Tensor, classes: &Tensor<i64>) -> Result<Image> {
    let grey = picture(op, image)?.with_channels(1)?;
    let color = |(&g, class): (&u8, i64)| match class {
        0 => (g, g, g),
        class => {
            let i = (class - 1).rem_euclid(12) as usize;
            let color = CURVES[i % 6];
            // The second six are the first, pale.
            let color = if i < 6 { color } else { mix(color, WHITE, 0.55) };
            mix((g, g, g), color, 0.65)
        }
    };
    let colors: Vec<_> = grey.pixels().iter().zip(classes.to_vec()).map(color).collect();
    of_colors([grey.height(), grey.width()], &colors)
}
