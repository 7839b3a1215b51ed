//! What a layer looks for and what it finds: filters and feature maps.
//!
//! One scale holds for all: white is 0, blue above, vermilion below, the full colour the largest absolute value.

use gradus_data::vision::Image;
use gradus_tensor::{Float, Tensor};

use super::ImageGrid;
use super::colors::signed;
use super::picture::of_colors;
use crate::{Error, Result};

impl ImageGrid {
    /// The channels `[K, h, w]` that a layer gives for one picture, at most [`MOST`](Self::MOST) of them.
    ///
    /// ```
    /// use gradus_nn::{Context, Conv2d, Layer};
    /// use gradus_tensor::{Rng, Tensor};
    /// use gradus_train::plots::{ImageGrid, Plot};
    /// let mut rng = Rng::new(0);
    /// let conv: Conv2d = Conv2d::new(1, 8, 3).init(&mut rng)?;
    /// let image = Tensor::normal([1, 1, 10, 10], 0.0, 1.0, &mut rng)?;
    /// let maps = conv.forward(&image.into(), &mut Context::eval())?;
    /// assert_eq!(ImageGrid::feature_maps(&maps.value().index(0, 0)?)?.len(), 8);
    /// assert!(ImageGrid::filters(conv.weight.value())?.svg()?.contains("8 filters of 3 × 3"));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for another shape.
    pub fn feature_maps<T: Float>(maps: &Tensor<T>) -> Result<Self> {
        let [count, height, width] = match *maps.shape() {
            [k, h, w] if k * h * w > 0 => [k, h, w],
            _ => {
                let got = format!("shape {:?}", maps.shape());
                let wanted = "[channels, height, width], those of one picture";
                return Err(Error::value("ImageGrid::feature_maps", got, wanted));
            }
        };
        let (values, largest) = scale(maps);
        let note = format!("{count} channels of {height} × {width}; {}", legend(largest));
        let mut grid = Self::new("Feature maps").note(note);
        for map in values.chunks_exact(height * width).take(Self::MOST) {
            grid.push(colored(map, [height, width], largest)?, Vec::new(), None)?;
        }
        Ok(grid)
    }

    /// The weights `[O, C, kh, kw]` of a first layer. Three channels are taken as red, green and blue, with 0 in the middle of
    /// the grey; else each channel of a filter is a picture of its own, side by side.
    ///
    /// # Errors
    /// [`Error::Value`] for another shape, or more than [`MOST`](Self::MOST) pictures.
    pub fn filters<T: Float>(weights: &Tensor<T>) -> Result<Self> {
        let [count, channels, height, width] = match *weights.shape() {
            [o, c, h, w] if o * c * h * w > 0 => [o, c, h, w],
            _ => {
                let got = format!("shape {:?}", weights.shape());
                let wanted = "[filters, channels, height, width]";
                return Err(Error::value("ImageGrid::filters", got, wanted));
            }
        };
        let (values, largest) = scale(weights);
        let about = match channels {
            3 => format!("grey is 0, full colour ±{largest:.3}"),
            _ => legend(largest),
        };
        let note = format!("{count} filters of {height} × {width}; {about}");
        let mut grid = Self::new("Filters").note(note);
        let area = height * width;
        for filter in values.chunks_exact(channels * area) {
            if channels == 3 {
                let byte = |v: f64| (127.5 + 127.5 * v / largest).round() as u8;
                let pixel =
                    |i| (byte(filter[i]), byte(filter[area + i]), byte(filter[2 * area + i]));
                let colors: Vec<_> = (0..area).map(pixel).collect();
                grid.push(of_colors([height, width], &colors)?, Vec::new(), None)?;
                continue;
            }
            for channel in filter.chunks_exact(area) {
                grid.push(colored(channel, [height, width], largest)?, Vec::new(), None)?;
            }
        }
        Ok(if channels == 1 || channels == 3 { grid } else { grid.columns(channels) })
    }
}

/// The values, those that are not finite as 0, and the largest absolute one; 1 if all are 0.
fn scale<T: Float>(values: &Tensor<T>) -> (Vec<f64>, f64) {
    let finite = |v: f64| if v.is_finite() { v } else { 0.0 };
    let values: Vec<f64> = values.cast::<f64>().to_vec().into_iter().map(finite).collect();
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    (values, if largest > 0.0 { largest } else { 1.0 })
}

fn legend(largest: f64) -> String {
    format!("white is 0, blue above, vermilion below, darkest ±{largest:.3}")
}

fn colored(values: &[f64], size: [usize; 2], largest: f64) -> Result<Image> {
    let colors: Vec<_> = values.iter().map(|v| signed(v / largest)).collect();
    of_colors(size, &colors)
}
