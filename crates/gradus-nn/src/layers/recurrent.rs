//! What recurrent layers have in common: parameters, settings, and the way through the layers that
//! stand one above the other. Names, shapes and start values are PyTorch's.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng};

use super::line;
use crate::{Context, Error, Init, Result, Visitor, VisitorMut};

/// The parameters of one recurrent layer, for the gates of all units: the `hidden` rows of the first
/// gate, then those of the next. In a walk their names end in `_l` and the number of the layer, such
/// as `weight_ih_l0`.
#[derive(Debug, Clone)]
pub struct RecurrentWeights<T: Float = f32> {
    /// `W_ih`, of shape `[gates · hidden, in]`.
    pub weight_ih: Param<T>,
    /// `W_hh`, of shape `[gates · hidden, hidden]`.
    pub weight_hh: Param<T>,
    /// `b_ih`, of shape `[gates · hidden]`.
    pub bias_ih: Param<T>,
    /// `b_hh`, of shape `[gates · hidden]`.
    pub bias_hh: Param<T>,
}

impl<T: Float> RecurrentWeights<T> {
    pub(super) fn hidden(&self) -> usize {
        self.weight_hh.shape()[1]
    }

    pub(super) fn inputs(&self) -> usize {
        self.weight_ih.shape()[1]
    }

    pub(super) fn visit(&self, i: usize, visitor: &mut Visitor<'_, T>) {
        visitor
            .field(format_args!("weight_ih_l{i}"), &self.weight_ih)
            .field(format_args!("weight_hh_l{i}"), &self.weight_hh)
            .field(format_args!("bias_ih_l{i}"), &self.bias_ih)
            .field(format_args!("bias_hh_l{i}"), &self.bias_hh);
    }

    pub(super) fn visit_mut(&mut self, i: usize, visitor: &mut VisitorMut<'_, T>) {
        visitor
            .field(format_args!("weight_ih_l{i}"), &mut self.weight_ih)
            .field(format_args!("weight_hh_l{i}"), &mut self.weight_hh)
            .field(format_args!("bias_ih_l{i}"), &mut self.bias_ih)
            .field(format_args!("bias_hh_l{i}"), &mut self.bias_hh);
    }
}

/// Settings of layers that are not built yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) inputs: usize,
    pub(super) hidden: usize,
    pub(super) layers: usize,
    pub(super) batch_first: bool,
}

impl Settings {
    pub(super) fn new(inputs: usize, hidden: usize) -> Self {
        Self { inputs, hidden, layers: 1, batch_first: false }
    }

    /// The parameters of the layers, uniform within `±1 / √hidden`.
    pub(super) fn init<T: Float>(
        self,
        name: &'static str,
        gates: usize,
        rng: &mut Rng,
    ) -> Result<Vec<RecurrentWeights<T>>> {
        let Self { inputs, hidden, layers, .. } = self;
        if inputs == 0 || hidden == 0 || layers == 0 {
            let got = format!("{inputs} inputs, {hidden} hidden and {layers} layers");
            return Err(Error::setting(name, got, "at least one of each"));
        }
        let (rows, bound) = (gates * hidden, 1.0 / (hidden as f64).sqrt());
        let mut param =
            |shape: &[usize]| Init::Uniform(-bound, bound).tensor(shape, rng).map(Param::new);
        let layers = (0..layers).map(|i| {
            Ok(RecurrentWeights {
                weight_ih: param(&[rows, if i == 0 { inputs } else { hidden }])?,
                weight_hh: param(&[rows, hidden])?,
                bias_ih: param(&[rows])?,
                bias_hh: param(&[rows])?,
            })
        });
        layers.collect()
    }
}

/// Sends a sequence through the layers. `one` is a single layer: its number, what it reads, as steps,
/// samples and features, and its parameters, to the sequence that it puts out. It may note its last
/// state.
pub(super) fn pass<T: Float>(
    name: &'static str,
    layers: &[RecurrentWeights<T>],
    batch_first: bool,
    x: &Var<T>,
    cx: &mut Context,
    mut one: impl FnMut(usize, &Var<T>, [&Var<T>; 4]) -> Result<Var<T>>,
) -> Result<Var<T>> {
    let turn = |x: &Var<T>| if batch_first { x.transpose(0, 1) } else { Ok(x.clone()) };
    let features = layers.first().map_or(0, RecurrentWeights::inputs);
    if x.rank() != 3 || x.shape()[2] != features {
        let order = if batch_first { "N, T" } else { "T, N" };
        let wanted =
            format!("a sequence [{order}, {features}], as the layer has {features} inputs");
        return Err(gradus_tensor::Error::shape(name, x.shape(), wanted).into());
    }
    let mut y = turn(x)?;
    for (i, layer) in layers.iter().enumerate() {
        let params = [&layer.weight_ih, &layer.weight_hh, &layer.bias_ih, &layer.bias_hh];
        let [inputs, hidden] = [y.shape()[2], layer.hidden()];
        y = one(i, &y, params.map(Param::var).each_ref())?;
        let work = y.shape()[0] * y.shape()[1] * layer.weight_hh.shape()[0] * (inputs + hidden);
        cx.record(|| line(format!("{name}({inputs}, {hidden})"), y.shape(), &params, work));
    }
    Ok(turn(&y)?)
}

/// Makes sure that a state to start from is one of each layer, for each sample.
pub(super) fn check_state<T: Float>(
    name: &'static str,
    layers: &[RecurrentWeights<T>],
    samples: usize,
    state: &Var<T>,
) -> Result<()> {
    let hidden = layers.first().map_or(0, RecurrentWeights::hidden);
    let wanted = [layers.len(), samples, hidden];
    if state.shape() == wanted {
        return Ok(());
    }
    let wanted = format!("a state {wanted:?} [layers, samples, hidden]");
    Err(gradus_tensor::Error::shape(name, state.shape(), wanted).into())
}

/// The state after the last step of a sequence of steps, `[1, N, hidden]`.
pub(super) fn last<T: Float>(y: &Var<T>) -> Result<Var<T>> {
    Ok(y.slice(0, y.shape()[0].saturating_sub(1)..)?)
}

/// The states of all layers in one, `[layers, N, hidden]`.
pub(super) fn together<T: Float>(states: &[Var<T>]) -> Result<Var<T>> {
    match states {
        [one] => Ok(one.clone()),
        all => Ok(Var::concat(&all.iter().collect::<Vec<_>>(), 0)?),
    }
}
