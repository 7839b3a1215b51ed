//! Long short-term memory: layers that read a sequence step by step and remember.
//!
//! `x` is `[T, N, in]` (steps, samples, features), or `[N, T, in]` if the layer is told so. With
//! `i, f, g, o` from `W_ih x_t + b_ih + W_hh h_{t-1} + b_hh`: `c_t = f c_{t-1} + i g`,
//! `h_t = o tanh(c_t)`; see [`gradus_tensor::lstm`]. The output of each layer is the sequence of its
//! `h`, and the input of the next. Names, shapes and start values are PyTorch's.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng, Tensor};

use super::line;
use crate::{Context, Error, Init, Module, Result, Visitor, VisitorMut};

/// Layers of long short-term memory, one above the other.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Lstm};
/// use gradus_tensor::{Rng, Tensor};
/// let layer: Lstm = Lstm::new(8, 16).layers(2).init(&mut Rng::new(0))?;
/// let x = Var::constant(Tensor::zeros([5, 3, 8])); // 5 steps of 3 samples
/// let (y, (h, c)) = layer.forward(&x, None, &mut Context::eval())?;
/// assert_eq!(y.shape(), [5, 3, 16]);
/// assert_eq!((h.shape(), c.shape()), (&[2, 3, 16][..], &[2, 3, 16][..]));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lstm<T: Float = f32> {
    /// The layers, the first one below.
    pub layers: Vec<LstmWeights<T>>,
    batch_first: bool,
}

/// The parameters of one layer. In a walk their names end in `_l` and the number of the layer, such
/// as `weight_ih_l0`.
#[derive(Debug, Clone)]
pub struct LstmWeights<T: Float = f32> {
    /// `W_ih`, of shape `[4 · hidden, in]`.
    pub weight_ih: Param<T>,
    /// `W_hh`, of shape `[4 · hidden, hidden]`.
    pub weight_hh: Param<T>,
    /// `b_ih`, of shape `[4 · hidden]`.
    pub bias_ih: Param<T>,
    /// `b_hh`, of shape `[4 · hidden]`.
    pub bias_hh: Param<T>,
}

/// The last `h` and `c` of every layer, `[layers, N, hidden]` each.
pub type LstmState<T = f32> = (Var<T>, Var<T>);

/// The settings of an [`Lstm`] that is not built yet.
#[derive(Debug, Clone, Copy)]
pub struct LstmBuilder {
    inputs: usize,
    hidden: usize,
    layers: usize,
    batch_first: bool,
}

impl Lstm {
    /// From `inputs` features to `hidden` units, to be built with [`init`](LstmBuilder::init).
    #[expect(clippy::new_ret_no_self, reason = "parameters need random numbers, which init takes")]
    pub fn new(inputs: usize, hidden: usize) -> LstmBuilder {
        LstmBuilder { inputs, hidden, layers: 1, batch_first: false }
    }
}

impl LstmBuilder {
    /// How many layers stand one above the other; 1 by default.
    pub fn layers(self, layers: usize) -> Self {
        Self { layers, ..self }
    }

    /// Whether input and output are `[N, T, …]`, samples first; by default they are `[T, N, …]`.
    pub fn batch_first(self, batch_first: bool) -> Self {
        Self { batch_first, ..self }
    }

    /// Builds the layers. All parameters start uniform within `±1 / √hidden`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a size is zero.
    pub fn init<T: Float>(self, rng: &mut Rng) -> Result<Lstm<T>> {
        let Self { inputs, hidden, layers, batch_first } = self;
        if inputs == 0 || hidden == 0 || layers == 0 {
            let got = format!("{inputs} inputs, {hidden} hidden and {layers} layers");
            return Err(Error::setting("Lstm", got, "at least one of each"));
        }
        let bound = 1.0 / (hidden as f64).sqrt();
        let mut param =
            |shape: &[usize]| Init::Uniform(-bound, bound).tensor(shape, rng).map(Param::new);
        let layers = (0..layers).map(|i| {
            let inputs = if i == 0 { inputs } else { hidden };
            Ok(LstmWeights {
                weight_ih: param(&[4 * hidden, inputs])?,
                weight_hh: param(&[4 * hidden, hidden])?,
                bias_ih: param(&[4 * hidden])?,
                bias_hh: param(&[4 * hidden])?,
            })
        });
        Ok(Lstm { layers: layers.collect::<Result<_>>()?, batch_first })
    }
}

impl<T: Float> Lstm<T> {
    /// The output of the last layer for every step, `[T, N, hidden]` (or `[N, T, hidden]`), and the
    /// state after the last step. The layers start from `state`; from zeros if there is none.
    ///
    /// # Errors
    /// If there is no step, or a shape does not fit.
    pub fn forward(
        &self,
        x: &Var<T>,
        state: Option<&LstmState<T>>,
        cx: &mut Context,
    ) -> Result<(Var<T>, LstmState<T>)> {
        let turn = |x: &Var<T>| if self.batch_first { x.transpose(0, 1) } else { Ok(x.clone()) };
        if x.rank() != 3 {
            let wanted = if self.batch_first { "[N, T, features]" } else { "[T, N, features]" };
            return Err(gradus_tensor::Error::shape("Lstm", x.shape(), wanted).into());
        }
        let mut y = turn(x)?;
        let (steps, batch) = (y.shape()[0], y.shape()[1]);
        let (mut hs, mut cs) = (Vec::new(), Vec::new());
        for (i, layer) in self.layers.iter().enumerate() {
            let start = match state {
                Some((h, c)) => [h.index(0, i)?, c.index(0, i)?],
                None => {
                    let zeros = Tensor::zeros([batch, layer.weight_hh.shape()[1]]);
                    [Var::from(&zeros), Var::from(zeros)]
                }
            };
            let params = [&layer.weight_ih, &layer.weight_hh, &layer.bias_ih, &layer.bias_hh];
            let weights = params.map(Param::var);
            let input = y.shape()[2];
            let [output, cell] = y.lstm(start.each_ref(), weights.each_ref())?;
            y = output;
            hs.push(y.index(0, steps - 1)?.unsqueeze(0)?);
            cs.push(cell.unsqueeze(0)?);
            let hidden = y.shape()[2];
            let work = y.len() * 4 * (input + hidden);
            cx.record(|| line(format!("Lstm({input}, {hidden})"), y.shape(), &params, work));
        }
        let together = |parts: Vec<Var<T>>| match &parts[..] {
            [one] => Ok(one.clone()),
            all => Var::concat(&all.iter().collect::<Vec<_>>(), 0),
        };
        Ok((turn(&y)?, (together(hs)?, together(cs)?)))
    }
}

impl<T: Float> Module<T> for Lstm<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        for (i, layer) in self.layers.iter().enumerate() {
            visitor
                .field(format_args!("weight_ih_l{i}"), &layer.weight_ih)
                .field(format_args!("weight_hh_l{i}"), &layer.weight_hh)
                .field(format_args!("bias_ih_l{i}"), &layer.bias_ih)
                .field(format_args!("bias_hh_l{i}"), &layer.bias_hh);
        }
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        for (i, layer) in self.layers.iter_mut().enumerate() {
            visitor
                .field(format_args!("weight_ih_l{i}"), &mut layer.weight_ih)
                .field(format_args!("weight_hh_l{i}"), &mut layer.weight_hh)
                .field(format_args!("bias_ih_l{i}"), &mut layer.bias_ih)
                .field(format_args!("bias_hh_l{i}"), &mut layer.bias_hh);
        }
    }
}
