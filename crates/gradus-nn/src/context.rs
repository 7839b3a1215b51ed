//! What a forward pass needs to know besides its input.

use std::collections::BTreeMap;
use std::sync::Arc;

use gradus_autograd::{Param, ParamId, Var};
use gradus_tensor::{Float, Rng, RngState};

use crate::summary::Line;
use crate::{Error, Module, ModuleExt, Result};

/// The mode of a forward pass, and its random numbers.
///
/// In training mode dropout drops and batch normalisation uses the statistics of the batch; in
/// evaluation mode neither happens, and the same input always gives the same output.
///
/// ```
/// use gradus_nn::Context;
/// assert!(Context::train(42).is_training());
/// assert!(!Context::eval().is_training());
/// ```
#[derive(Debug)]
pub struct Context {
    training: bool,
    rng: Rng,
    trace: Option<Vec<Line>>,
    paths: Option<Arc<BTreeMap<ParamId, String>>>,
}

impl Context {
    /// A context for training, whose random numbers come from a seed.
    pub fn train(seed: u64) -> Self {
        Self { training: true, rng: Rng::new(seed), trace: None, paths: None }
    }

    /// A context for evaluation.
    pub fn eval() -> Self {
        Self { training: false, rng: Rng::new(0), trace: None, paths: None }
    }

    /// The same context, in which errors say where in the model they arose: `in layer blocks.3.conv1: …`.
    /// The trainer does it by itself.
    ///
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_nn::{Context, Layer, Linear, Module};
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// #[derive(Module)]
    /// struct Net { body: Vec<Linear>, head: Linear }
    ///
    /// let mut rng = Rng::new(0);
    /// let body = vec![Linear::new(4, 4).init(&mut rng)?, Linear::new(3, 4).init(&mut rng)?];
    /// let net = Net { body, head: Linear::new(4, 2).init(&mut rng)? };
    /// let mut cx = Context::train(1).naming(&net);
    /// let mut x = Var::from(Tensor::ones([5, 4]));
    /// x = net.body[0].forward(&x, &mut cx)?;
    /// let error = net.body[1].forward(&x, &mut cx).unwrap_err().to_string();
    /// assert!(error.starts_with("in layer body.1: linear: got shape [5, 4]"), "{error}");
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    #[must_use]
    pub fn naming<T: Float>(mut self, model: &(impl Module<T> + ?Sized)) -> Self {
        let mut paths = BTreeMap::new();
        model.for_each_param(|path, param| {
            let owner = path.rsplit_once('.').map_or("", |(owner, _)| owner);
            paths.insert(param.id(), owner.to_string());
        });
        self.paths = Some(Arc::new(paths));
        self
    }

    /// The result of a layer that owns this parameter. If it is an error, it says which layer of the model
    /// that is, where that is known; see [`naming`](Context::naming).
    ///
    /// # Errors
    /// That of the result.
    pub fn at<T: Float, R>(
        &self,
        param: &Param<T>,
        result: std::result::Result<R, impl Into<Error>>,
    ) -> Result<R> {
        result.map_err(|error| self.inside(Some(param.id()), error.into()))
    }

    /// An error that says in which layer it arose: that which owns the parameter.
    fn inside(&self, param: Option<ParamId>, error: Error) -> Error {
        let path = self.paths.as_ref().zip(param).and_then(|(paths, id)| paths.get(&id));
        match path {
            Some(path) if !path.is_empty() && !matches!(error, Error::Inside { .. }) => {
                Error::Inside { path: path.clone(), source: Box::new(error) }
            }
            _ => error,
        }
    }

    /// Whether errors say by themselves where they arose.
    pub(crate) fn knows_paths(&self) -> bool {
        self.paths.is_some()
    }

    /// A context for evaluation that writes down every layer it passes through.
    pub(crate) fn tracing() -> Self {
        Self { trace: Some(Vec::new()), ..Self::eval() }
    }

    /// Runs a part of a model as in evaluation, also in the middle of training: dropout does nothing there,
    /// and batch normalisation keeps its running averages. For a part that is
    /// [frozen](crate::ModuleExt::freeze), say.
    ///
    /// ```
    /// use gradus_nn::Context;
    /// let mut cx = Context::train(1);
    /// cx.evaluating(|cx| assert!(!cx.is_training()));
    /// assert!(cx.is_training());
    /// ```
    pub fn evaluating<R>(&mut self, part: impl FnOnce(&mut Self) -> R) -> R {
        let training = std::mem::replace(&mut self.training, false);
        let result = part(self);
        self.training = training;
        result
    }

    /// Whether layers are to behave as in training.
    pub fn is_training(&self) -> bool {
        self.training
    }

    /// The random numbers, for dropout and its kin.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Where the random numbers stand, to be saved with a checkpoint.
    pub fn rng_state(&self) -> RngState {
        self.rng.state()
    }

    /// Continues the random numbers where they stood.
    pub fn restore_rng(&mut self, state: RngState) {
        self.rng = Rng::from_state(state);
    }

    /// The output of a layer, once it is computed: an error gets the layer's [place](Context::at), and a
    /// [summary](crate::Summary) its line, for which `cost` gives the layer's name and how many
    /// multiplications with an addition the output took. Each layer without layers inside ends so.
    ///
    /// ```
    /// use gradus_autograd::{Param, Var};
    /// use gradus_nn::{Context, Layer, Module, Result};
    ///
    /// /// `y = s x`, with `s` learned.
    /// #[derive(Module)]
    /// struct Scale { s: Param }
    ///
    /// impl Layer for Scale {
    ///     fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
    ///         cx.layer(self, x.mul(&self.s.var()), |y| ("Scale".into(), y.len()))
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// That of `output`.
    pub fn layer<T: Float>(
        &mut self,
        layer: &(impl Module<T> + ?Sized),
        output: std::result::Result<Var<T>, impl Into<Error>>,
        cost: impl FnOnce(&Var<T>) -> (String, usize),
    ) -> Result<Var<T>> {
        let output = match output {
            Ok(output) => output,
            Err(error) => {
                let mut owned = None;
                layer.for_each_param(|_, param| owned = owned.or(Some(param.id())));
                return Err(self.inside(owned, error.into()));
            }
        };
        if let Some(lines) = &mut self.trace {
            let (name, multiply_adds) = cost(&output);
            let mut params = Vec::new();
            layer.for_each_param(|_, param| params.push((param.id(), param.value().len())));
            let (output, multiply_adds) = (output.shape().to_vec(), multiply_adds as u64);
            lines.push(Line { layer: name, output, params, multiply_adds });
        }
        Ok(output)
    }

    /// Writes down a layer, if this context does so: for layers that [`layer`](Context::layer) does not
    /// fit, once in a forward pass.
    pub fn record(&mut self, line: impl FnOnce() -> Line) {
        if let Some(lines) = &mut self.trace {
            lines.push(line());
        }
    }

    /// The layers that were written down.
    pub(crate) fn into_lines(self) -> Vec<Line> {
        self.trace.unwrap_or_default()
    }
}
