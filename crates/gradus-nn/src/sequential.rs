//! Layers one after the other: `fₙ(… f₂(f₁(x)))`.

use std::any::{Any, type_name};
use std::fmt;
use std::ops::{Bound, RangeBounds};

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::{Context, Entry, Error, Layer, Module, ModuleExt, Result, Visitor, VisitorMut};

/// Layers one after the other. Their paths are `0`, `1`, `2`, …
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Layer, Linear, ModuleExt, Sequential, Tanh};
/// use gradus_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::new(0);
/// let mut net: Sequential = Sequential::new()
///     .push(Linear::new(2, 8).init(&mut rng)?)
///     .push(Tanh)
///     .push(Linear::new(8, 1).init(&mut rng)?);
/// let x = Var::constant(Tensor::zeros([5, 2]));
/// assert_eq!(net.forward(&x, &mut Context::eval())?.shape(), [5, 1]);
///
/// // It can be looked into, run in part, and changed: another head on the same body.
/// assert_eq!(net.get::<Linear>(2).unwrap().weight.shape(), [1, 8]);
/// assert_eq!(net.forward_part(..2, &x, &mut Context::eval())?.shape(), [5, 8]);
/// net.replace(2, Linear::new(8, 3).init(&mut rng)?)?;
/// assert_eq!(net.freeze("0"), 2);
/// assert_eq!(net.forward(&x, &mut Context::eval())?.shape(), [5, 3]);
/// assert_eq!(
///     format!("{net:?}"),
///     "Sequential\n  0: Linear weight [8, 2], bias [8]\n  1: Tanh\n  \
///      2: Linear weight [3, 8], bias [3]"
/// );
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Clone)]
pub struct Sequential<T: Float = f32> {
    layers: Vec<Box<dyn Part<T>>>,
}

/// A layer of any type, as [`Sequential`] keeps it.
trait Part<T: Float>: Layer<T> + Any {
    fn copied(&self) -> Box<dyn Part<T>>;
    fn kind(&self) -> &'static str;
}

impl<T: Float, L: Layer<T> + Clone + 'static> Part<T> for L {
    fn copied(&self) -> Box<dyn Part<T>> {
        Box::new(self.clone())
    }
    fn kind(&self) -> &'static str {
        let path = type_name::<L>();
        let path = path.split('<').next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path)
    }
}

/// A layer of the same kind, with parameters of its own that have the same values.
impl<T: Float> Clone for Box<dyn Part<T>> {
    fn clone(&self) -> Self {
        (**self).copied()
    }
}

impl<T: Float> Sequential<T> {
    /// No layers: the output is the input.
    pub fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// With another layer at the end.
    #[must_use = "the layers with the new one are what it returns"]
    pub fn push(mut self, layer: impl Layer<T> + Clone + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// How many layers there are.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there are no layers.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The layers.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Layer<T>> {
        self.layers.iter().map(|layer| &**layer as &dyn Layer<T>)
    }

    /// The layer at `index`, if there is one and it is of this type.
    pub fn get<L: Layer<T> + 'static>(&self, index: usize) -> Option<&L> {
        let layer: &dyn Any = &**self.layers.get(index)?;
        layer.downcast_ref()
    }

    /// The same, to be changed.
    pub fn get_mut<L: Layer<T> + 'static>(&mut self, index: usize) -> Option<&mut L> {
        let layer: &mut dyn Any = &mut **self.layers.get_mut(index)?;
        layer.downcast_mut()
    }

    /// Puts another layer in the place of the one at `index`.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is none.
    pub fn replace(&mut self, index: usize, layer: impl Layer<T> + Clone + 'static) -> Result<()> {
        let wrong = self.no_layer(index);
        *self.layers.get_mut(index).ok_or(wrong)? = Box::new(layer);
        Ok(())
    }

    /// Puts a layer before the one at `index`, or at the end.
    ///
    /// # Errors
    /// [`Error::Setting`] if `index` lies beyond the end.
    pub fn insert(&mut self, index: usize, layer: impl Layer<T> + Clone + 'static) -> Result<()> {
        if index > self.len() {
            return Err(self.no_layer(index));
        }
        self.layers.insert(index, Box::new(layer));
        Ok(())
    }

    /// Takes the layer at `index` out.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is none.
    pub fn remove(&mut self, index: usize) -> Result<()> {
        if index >= self.len() {
            return Err(self.no_layer(index));
        }
        self.layers.remove(index);
        Ok(())
    }

    /// The output of some of the layers: `..3` gives what comes out of the third, `3..` goes on from
    /// there.
    ///
    /// # Errors
    /// [`Error::Setting`] if the range lies beyond the layers, [`Error::Inside`] with the number of the
    /// layer that failed.
    pub fn forward_part(
        &self,
        layers: impl RangeBounds<usize>,
        x: &Var<T>,
        cx: &mut Context,
    ) -> Result<Var<T>> {
        let first = match layers.start_bound() {
            Bound::Included(&first) => first,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match layers.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.len(),
        };
        let part = self.layers.get(first..end).ok_or_else(|| self.no_layer(end.max(first)))?;
        let mut x = x.clone();
        for (i, layer) in part.iter().enumerate() {
            let y = layer.forward(&x, cx);
            x = y.map_err(|e| if cx.knows_paths() { e } else { inside(first + i, e) })?;
        }
        Ok(x)
    }

    fn no_layer(&self, index: usize) -> Error {
        let wanted = format!("a number of one of the {} layers", self.len());
        Error::setting("Sequential", format!("layer {index}"), wanted)
    }
}

impl<T: Float> Default for Sequential<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A line for each layer: its kind, and its parameters and buffers with their shapes.
impl<T: Float> fmt::Debug for Sequential<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sequential")?;
        for (i, layer) in self.layers.iter().enumerate() {
            let mut entries = Vec::new();
            layer.for_each(|path, entry| {
                let shape = match entry {
                    Entry::Param(param) => param.shape().to_vec(),
                    Entry::Buffer(buffer) => buffer.shape(),
                };
                entries.push(format!(" {path} {shape:?}"));
            });
            write!(f, "\n  {i}: {}{}", (**layer).kind(), entries.join(","))?;
        }
        Ok(())
    }
}

impl<T: Float> Module<T> for Sequential<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.layers.iter().enumerate().for_each(|(i, layer)| {
            visitor.field(i, &**layer);
        });
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.layers.iter_mut().enumerate().for_each(|(i, layer)| {
            visitor.field(i, &mut **layer);
        });
    }
}

impl<T: Float> Layer<T> for Sequential<T> {
    /// # Errors
    /// [`Error::Inside`] with the number of the layer that failed.
    fn forward(&self, x: &Var<T>, cx: &mut Context) -> Result<Var<T>> {
        self.forward_part(.., x, cx)
    }
}

/// Puts the number of a layer before the path that an error already has.
fn inside(layer: usize, error: Error) -> Error {
    match error {
        Error::Inside { path, source } => Error::Inside { path: format!("{layer}.{path}"), source },
        other => Error::Inside { path: layer.to_string(), source: Box::new(other) },
    }
}
