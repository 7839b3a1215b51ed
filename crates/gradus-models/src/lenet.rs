//! LeNet-5: two convolutions that look for strokes, three linear layers that read them.
//!
//! ```text
//! 1 × 28 × 28 ─ conv1 5×5, padding 2 ─ tanh ─ mean 2×2 ─ 6 × 14 × 14
//!             ─ conv2 5×5            ─ tanh ─ mean 2×2 ─ 16 × 5 × 5
//!             ─ fc1 ─ tanh ─ 120 ─ fc2 ─ tanh ─ 84 ─ fc3 ─ classes
//! ```
//!
//! The original read 32 × 32 pixels without padding (`.padding(0)`). It joined the channels of `conv2`
//! by a table, scaled its means by a learned factor and ended in distances to drawn prototypes; as
//! everybody does since, all channels are joined here, the mean is plain and the end is linear.
//! (LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document recognition*, 1998,
//! section II.B.)

use gradus_autograd::Var;
use gradus_nn::{AvgPool2d, Context, Conv2d, Error, Layer, Linear, Module, Result, Settings};
use gradus_tensor::{Float, Rng};

use crate::common::images;

/// LeNet-5 with 61,706 parameters for ten classes.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::LeNet;
/// use gradus_nn::{Context, Layer, ModuleExt, Summary};
/// use gradus_tensor::{Rng, Tensor};
///
/// let net: LeNet = LeNet::new(10).init(&mut Rng::new(0))?;
/// assert_eq!(net.count_params(), 61_706);
/// let digits = Var::from(Tensor::zeros([8, 1, 28, 28]));
/// assert_eq!(net.forward(&digits, &mut Context::eval())?.shape(), [8, 10]);
/// assert_eq!(net.features(&digits, &mut Context::eval())?.shape(), [8, 84]);
/// assert_eq!(Summary::of(&net, &[1, 1, 28, 28])?.multiply_adds, 416_520);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct LeNet<T: Float = f32> {
    /// Six kernels for strokes.
    pub conv1: Conv2d<T>,
    /// Sixteen for arrangements of strokes.
    pub conv2: Conv2d<T>,
    /// `16 · 5 · 5` to 120.
    pub fc1: Linear<T>,
    /// 120 to 84.
    pub fc2: Linear<T>,
    /// 84 to the classes.
    pub fc3: Linear<T>,
    #[module(skip)]
    side: usize,
    #[module(skip)]
    channels: usize,
}

/// The settings of a [`LeNet`] that is not built yet.
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(of = LeNet)]
#[must_use = "a model comes of it by `init`"]
pub struct LeNetBuilder {
    /// How many classes there are.
    #[at_least(1)]
    classes: usize,
    /// How many channels a picture has.
    #[at_least(1)]
    #[default(1)]
    channels: usize,
    /// Zeros around the picture: 2 for 28 × 28 pixels, 0 for 32 × 32.
    #[at_most(2)]
    #[default(2)]
    padding: usize,
}

impl LeNetBuilder {
    /// Builds the model. Weights and biases start as PyTorch's layers do.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is outside its domain.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<LeNet<T>> {
        let Self { classes, channels, padding } = self.checked()?;
        Ok(LeNet {
            conv1: Conv2d::new(channels, 6, 5).padding(padding).init(rng)?,
            conv2: Conv2d::new(6, 16, 5).init(rng)?,
            fc1: Linear::new(16 * 5 * 5, 120).init(rng)?,
            fc2: Linear::new(120, 84).init(rng)?,
            fc3: Linear::new(84, classes).init(rng)?,
            side: 32 - 2 * padding,
            channels,
        })
    }
}

impl<T: Float> LeNet<T> {
    /// What the last layer reads: 84 numbers for each picture.
    ///
    /// # Errors
    /// As [`forward`](Layer::forward).
    pub fn features(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let [.., height, width] = images("LeNet", x, self.channels, self.side)?;
        if [height, width] != [self.side; 2] {
            let got = format!("pictures of {height} × {width} pixels");
            return Err(Error::setting("LeNet", got, format!("{0} × {0}", self.side)));
        }
        let pool = AvgPool2d::new(2);
        let x = pool.forward(&self.conv1.forward(x, cx)?.tanh(), cx)?;
        let x = pool.forward(&self.conv2.forward(&x, cx)?.tanh(), cx)?;
        let x = self.fc1.forward(&x.flatten(1)?, cx)?.tanh();
        Ok(self.fc2.forward(&x, cx)?.tanh())
    }
}

impl<T: Float> Layer<T> for LeNet<T> {
    /// Scores `[N, classes]` of images `[N, channels, 28, 28]`.
    ///
    /// # Errors
    /// If the images have another shape.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.features(x, cx)?;
        self.fc3.forward(&x, cx)
    }
}
