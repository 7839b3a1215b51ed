//! The walks that are wanted most.
//!
//! A parameter that a module shows under several paths is one parameter, of one [`ParamId`]: it is tied. Walks over
//! parameters meet it once, at its first path, as PyTorch's `named_parameters` do; walks over entries meet every path.

use std::collections::btree_map::Entry as Place;
use std::collections::{BTreeMap, BTreeSet};

use gradus_autograd::{Gradients, Param, ParamId, Var, with_replaced};
use gradus_tensor::{Float, Tensor};

use super::{Entry, EntryMut, Module, Visitor, VisitorMut, is_within};
use crate::{Error, Result};

/// The walks that are wanted most. Every [`Module`] has them.
///
/// To tie two layers, keep the parameter once and show it under both paths. (A clone is a parameter of its own.) It is
/// then counted, updated and saved once, under the first of its paths:
///
/// ```
/// use gradus_autograd::{Param, Var};
/// use gradus_nn::{Module, ModuleExt, Visitor, VisitorMut};
/// use gradus_tensor::Tensor;
///
/// /// Words in and words out have the same vectors.
/// struct Tied {
///     words: Param,
/// }
///
/// impl Module for Tied {
///     fn visit(&self, v: &mut Visitor<'_>) {
///         v.field("encoder", &self.words).field("decoder", &self.words);
///     }
///     fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
///         v.field("encoder", &mut self.words).field("decoder", &mut self.words);
///     }
/// }
///
/// let mut tied = Tied { words: Param::new(Tensor::zeros([5, 2])) };
/// assert_eq!((tied.count_params(), tied.paths()), (10, vec!["encoder".to_string()]));
/// assert_eq!(tied.freeze("decoder"), 1);
/// ```
pub trait ModuleExt<T: Float = f32>: Module<T> {
    /// Calls `found` with the path of each parameter and buffer: with every path of one that is tied.
    fn for_each(&self, mut found: impl FnMut(&str, Entry<'_, T>)) {
        self.visit(&mut Visitor::new(&mut found));
    }

    /// Calls `found` with the path of each parameter and buffer, to be changed: with every path of one that is tied.
    fn for_each_mut(&mut self, mut found: impl FnMut(&str, EntryMut<'_, T>)) {
        self.visit_mut(&mut VisitorMut::new(&mut found));
    }

    /// Calls `found` with each parameter, once, and its first path.
    fn for_each_param(&self, mut found: impl FnMut(&str, &Param<T>)) {
        let mut seen = Seen::default();
        self.for_each(|path, entry| {
            if let Entry::Param(param) = entry
                && seen.is_new(param.id())
            {
                found(path, param);
            }
        });
    }

    /// Calls `found` with each parameter, once, and its first path, to be changed.
    fn for_each_param_mut(&mut self, mut found: impl FnMut(&str, &mut Param<T>)) {
        let mut seen = Seen::default();
        self.for_each_mut(|path, entry| {
            if let EntryMut::Param(param) = entry
                && seen.is_new(param.id())
            {
                found(path, param);
            }
        });
    }

    /// The first paths of all parameters.
    fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.for_each_param(|path, _| paths.push(path.to_string()));
        paths
    }

    /// How many numbers training changes; those of a tied parameter once.
    fn count_params(&self) -> usize {
        let mut count = 0;
        self.for_each_param(|_, param| count += param.value().len());
        count
    }

    /// Leaves the parameters at or below `part` out of training, and says how many they are: those at
    /// `1.weight` for `"1"`, but not those at `10.weight`. The empty text means all. A tied parameter is left out if one
    /// of its paths is.
    ///
    /// Buffers are no parameters: a batch normalisation that is frozen still moves its running averages
    /// under [`Context::train`](crate::Context::train), as in PyTorch. To hold those too, run the frozen
    /// part with [`Context::evaluating`](crate::Context::evaluating).
    ///
    /// ```
    /// use gradus_nn::{BatchNorm1d, Context, Layer, Linear, Module, ModuleExt};
    /// use gradus_autograd::Var;
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// #[derive(Module)]
    /// struct Net { body: (Linear, BatchNorm1d), head: Linear }
    ///
    /// let mut rng = Rng::new(0);
    /// let body = (Linear::new(4, 3).init(&mut rng)?, BatchNorm1d::new(3).init()?);
    /// let mut net = Net { body, head: Linear::new(3, 2).init(&mut rng)? };
    /// assert_eq!(net.freeze("body"), 4);
    ///
    /// let mut cx = Context::train(1);
    /// let x = Var::constant(Tensor::ones([5, 4]));
    /// let (linear, norm) = &net.body;
    /// let features = cx.evaluating(|cx| norm.forward(&linear.forward(&x, cx)?, cx))?;
    /// let y = net.head.forward(&features, &mut cx)?;
    /// assert_eq!(norm.running_mean.get(), Tensor::zeros([3]));
    /// # assert!(y.is_tracked());
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    fn freeze(&mut self, part: &str) -> usize {
        set_frozen(self, part, true)
    }

    /// Takes the parameters at or below `part` into training again, and says how many they are, as
    /// [`freeze`](ModuleExt::freeze) does.
    fn unfreeze(&mut self, part: &str) -> usize {
        set_frozen(self, part, false)
    }

    /// The parameters as variables, in the order of [`paths`](ModuleExt::paths), without those that are
    /// frozen: for [`grad`](gradus_autograd::grad) with respect to a whole model.
    ///
    /// ```
    /// use gradus_autograd::{Var, grad};
    /// use gradus_nn::{Context, Layer, Linear, ModuleExt};
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// let net: Linear = Linear::new(3, 2).init(&mut Rng::new(0))?;
    /// let x = Var::from(Tensor::ones([5, 3]));
    /// let loss = net.forward(&x, &mut Context::eval())?.square().mean();
    /// let weights = net.vars();
    /// let slopes = grad(&loss, weights.iter().collect::<Vec<_>>(), None)?;
    /// assert_eq!(slopes[0].shape(), [2, 3]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    fn vars(&self) -> Vec<Var<T>> {
        let mut vars = Vec::new();
        self.for_each_param(|_, param| vars.extend((!param.is_frozen()).then(|| param.var())));
        vars
    }

    /// Runs `work` with variables in the place of the parameters of these paths: every layer inside works
    /// as it is, with weights that were computed. See [`with_replaced`].
    ///
    /// ```
    /// use gradus_autograd::{Var, grad};
    /// use gradus_nn::{Context, Layer, Linear, ModuleExt};
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// // A step of an inner loop, through which the outer loss is differentiated.
    /// let net: Linear = Linear::new(3, 2).init(&mut Rng::new(0))?;
    /// let x = Var::from(Tensor::ones([5, 3]));
    /// let loss = || Ok::<_, gradus_nn::Error>(net.forward(&x, &mut Context::eval())?.square().mean());
    /// let weights = net.vars();
    /// let slopes = grad(&loss()?, weights.iter().collect::<Vec<_>>(), None)?;
    /// let stepped = weights.iter().zip(&slopes).map(|(w, slope)| w - &slope.scale(0.1));
    /// let outer = net.with_params(net.paths().into_iter().zip(stepped), loss)??;
    /// assert!(outer.backward()?.get(net.weight.id()).is_some());
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no parameter of a path, or there are two, or its shape is another.
    fn with_params<R>(
        &self,
        params: impl IntoIterator<Item = (String, Var<T>)>,
        work: impl FnOnce() -> R,
    ) -> Result<R> {
        let (mut known, mut twice) = (BTreeMap::new(), None);
        self.for_each(|path, entry| {
            let Entry::Param(param) = entry else { return };
            match known.entry(path.to_string()) {
                Place::Vacant(place) => drop(place.insert((param.id(), param.shape().to_vec()))),
                Place::Occupied(place) if place.get().0 == param.id() => {}
                Place::Occupied(_) => twice = Some(path.to_string()),
            }
        });
        if let Some(path) = twice {
            let got = format!("two parameters at {path:?}");
            return Err(Error::setting("with_params", got, "a path for each"));
        }
        let mut replaced = Vec::new();
        for (path, var) in params {
            let Some((id, shape)) = known.get(&path) else {
                let wanted = format!("one of {:?}", known.keys().collect::<Vec<_>>());
                return Err(Error::setting("with_params", format!("parameter {path:?}"), wanted));
            };
            if shape != var.shape() {
                let got = format!("shape {:?} for {path}", var.shape());
                return Err(Error::setting("with_params", got, format!("{shape:?}")));
            }
            replaced.push((*id, var));
        }
        Ok(with_replaced(replaced, work))
    }

    /// Calls `found` with the path of each parameter that has a gradient, and the gradient, to be changed:
    /// clipped, scaled by layer, exchanged with other machines. The order is that of the paths.
    ///
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_nn::{Context, Layer, Linear, ModuleExt};
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// let net: Linear = Linear::new(3, 2).init(&mut Rng::new(0))?;
    /// let x = Var::from(Tensor::ones([5, 3]));
    /// let mut gradients = net.forward(&x, &mut Context::eval())?.sum().backward()?;
    /// net.for_each_gradient(&mut gradients, |path, gradient| {
    ///     if path.ends_with("bias") {
    ///         gradient.map_inplace(|g| g * 2.0);
    ///     }
    /// });
    /// let bias = net.bias.as_ref().unwrap();
    /// assert_eq!(gradients.get(bias.id()).unwrap().to_vec(), [10.0, 10.0]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    fn for_each_gradient(
        &self,
        gradients: &mut Gradients<T>,
        mut found: impl FnMut(&str, &mut Tensor<T>),
    ) {
        self.for_each_param(|path, param| {
            if let Some(gradient) = gradients.get_mut(param.id()) {
                found(path, gradient);
            }
        });
    }

    /// A picture of the operations that a result of this model depends on, in the language of Graphviz, with
    /// the paths of the parameters.
    fn to_dot(&self, result: &Var<T>) -> String {
        let mut paths = BTreeMap::new();
        self.for_each_param(|path, param| {
            paths.insert(param.id(), path.to_string());
        });
        result.graph().to_dot_with(|id| paths.get(&id).cloned())
    }

    /// The paths of the parameters that are not frozen and that no gradient reached. In a network
    /// that is put together right there are none.
    fn missing(&self, gradients: &Gradients<T>) -> Vec<String> {
        let mut missing = Vec::new();
        self.for_each_param(|path, param| {
            if !param.is_frozen() && gradients.get(param.id()).is_none() {
                missing.push(path.to_string());
            }
        });
        missing
    }
}

impl<T: Float, M: Module<T> + ?Sized> ModuleExt<T> for M {}

/// Which parameters a walk has met.
#[derive(Default)]
struct Seen(BTreeSet<ParamId>);

impl Seen {
    fn is_new(&mut self, id: ParamId) -> bool {
        self.0.insert(id)
    }
}

/// Freezes what has a path at or below `part`, or the contrary; says how many parameters that are.
fn set_frozen<T: Float, M: Module<T> + ?Sized>(model: &mut M, part: &str, frozen: bool) -> usize {
    let (mut seen, mut count) = (Seen::default(), 0);
    model.for_each_mut(|path, entry| {
        if let EntryMut::Param(param) = entry
            && is_within(path, part)
            && seen.is_new(param.id())
        {
            if frozen {
                param.freeze()
            } else {
                param.unfreeze()
            }
            count += 1;
        }
    });
    count
}
