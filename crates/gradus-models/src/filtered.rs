//! What networks for small machines are made of: a convolution, its normalisation, and a bend.

use gradus_autograd::Var;
use gradus_nn::{BatchNorm2d, Context, Conv2d, Layer, Module, Result};
use gradus_tensor::{Float, Rng};

use crate::common::he;

/// What follows the normalisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bend {
    /// Nothing.
    None,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `x / (1 + e⁻ˣ)`.
    Silu,
}

/// `bend(norm(conv(x)))`, without a bias in front of the normalisation, which would take it away again. The names
/// are `0` and `1`, as in torchvision's `Conv2dNormActivation`.
#[derive(Debug, Clone, Module)]
pub(crate) struct Filtered<T: Float = f32>(Conv2d<T>, BatchNorm2d<T>, #[module(skip)] Bend);

/// The settings of a [`Filtered`] that is not built yet: kernels are odd, and the picture keeps its size but for the
/// stride.
#[derive(Debug, Clone, Copy)]
#[must_use = "a layer comes of it by `init`"]
pub(crate) struct FilteredBuilder {
    channels: [usize; 2],
    kernel: usize,
    stride: usize,
    groups: usize,
    bend: Bend,
}

/// A [`Filtered`] from so many channels to so many, at stride 1 and in one group.
pub(crate) fn filtered(channels: [usize; 2], kernel: usize, bend: Bend) -> FilteredBuilder {
    FilteredBuilder { channels, kernel, stride: 1, groups: 1, bend }
}

impl FilteredBuilder {
    pub(crate) fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    pub(crate) fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    pub(crate) fn init<T: Float>(self, rng: &mut Rng) -> Result<Filtered<T>> {
        let Self { channels: [inputs, outputs], kernel, stride, groups, bend } = self;
        let conv = Conv2d::new(inputs, outputs, kernel).stride(stride).padding(kernel / 2);
        let conv = conv.groups(groups).bias(false).weight_init(he(kernel, outputs));
        Ok(Filtered(conv.init(rng)?, BatchNorm2d::new(outputs).init()?, bend))
    }
}

impl<T: Float> Layer<T> for Filtered<T> {
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        let x = self.1.forward(&self.0.forward(x, cx)?, cx)?;
        Ok(match self.2 {
            Bend::None => x,
            Bend::Relu6 => x.clamp(T::ZERO, T::from_f64(6.0)),
            Bend::Silu => x.silu(),
        })
    }
}

/// The nearest multiple of eight, or the next one if that is less than nine tenths: how torchvision rounds channels.
pub(crate) fn in_eights(channels: f64) -> usize {
    let near = ((channels + 4.0) / 8.0).floor().max(1.0) * 8.0;
    (if near < 0.9 * channels { near + 8.0 } else { near }) as usize
}
