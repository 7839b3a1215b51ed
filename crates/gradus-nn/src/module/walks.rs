//! The walks that are wanted most.

use std::collections::BTreeMap;

use gradus_autograd::{Gradients, Param, Var, with_replaced};
use gradus_tensor::{Float, Tensor};

use super::{Entry, EntryMut, Module, Visitor, VisitorMut, is_within};
use crate::{Error, Result};

/// The walks that are wanted most. Every [`Module`] has them.
pub trait ModuleExt<T: Float = f32>: Module<T> {
    /// Calls `found` with the path of each parameter and buffer.
    fn for_each(&self, mut found: impl FnMut(&str, Entry<'_, T>)) {
        self.visit(&mut Visitor::new(&mut found));
    }

    /// Calls `found` with the path of each parameter and buffer, to be changed.
    fn for_each_mut(&mut self, mut found: impl FnMut(&str, EntryMut<'_, T>)) {
        self.visit_mut(&mut VisitorMut::new(&mut found));
    }

    /// Calls `found` with the path of each parameter.
    fn for_each_param(&self, mut found: impl FnMut(&str, &Param<T>)) {
        self.for_each(|path, entry| {
            if let Entry::Param(param) = entry {
                found(path, param);
            }
        });
    }

    /// Calls `found` with the path of each parameter, to be changed.
    fn for_each_param_mut(&mut self, mut found: impl FnMut(&str, &mut Param<T>)) {
        self.for_each_mut(|path, entry| {
            if let EntryMut::Param(param) = entry {
                found(path, param);
            }
        });
    }

    /// The paths of all parameters.
    fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.for_each_param(|path, _| paths.push(path.to_string()));
        paths
    }

    /// How many numbers training changes.
    fn count_params(&self) -> usize {
        let mut count = 0;
        self.for_each_param(|_, param| count += param.value().len());
        count
    }

    /// Leaves the parameters at or below `part` out of training, and says how many they are: those at
    /// `1.weight` for `"1"`, but not those at `10.weight`. The empty text means all.
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
        let mut count = 0;
        self.for_each_param_mut(|path, param| {
            if is_within(path, part) {
                param.freeze();
                count += 1;
            }
        });
        count
    }

    /// Takes the parameters at or below `part` into training again, and says how many they are.
    fn unfreeze(&mut self, part: &str) -> usize {
        let mut count = 0;
        self.for_each_param_mut(|path, param| {
            if is_within(path, part) {
                param.unfreeze();
                count += 1;
            }
        });
        count
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
    /// [`Error::Setting`] if there is no parameter of a path, or its shape is another.
    fn with_params<R>(
        &self,
        params: impl IntoIterator<Item = (String, Var<T>)>,
        work: impl FnOnce() -> R,
    ) -> Result<R> {
        let mut known = BTreeMap::new();
        self.for_each_param(|path, param| {
            known.insert(path.to_string(), (param.id(), param.shape().to_vec()));
        });
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
