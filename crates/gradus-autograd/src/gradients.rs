//! What a backward pass gives.

use std::marker::PhantomData;

use gradus_tensor::{Error as TensorError, Float, Tensor, concrete};

use crate::{ParamId, Result, Value, Var};

/// The gradient of a loss with respect to each parameter and leaf that it depends on.
///
/// It is a value: nothing has to be set to zero before the next step. It may be changed before it is
/// used: clipped, scaled, added to another, exchanged with other machines.
///
/// ```
/// # use gradus_autograd::{Gradients, Param};
/// # use gradus_tensor::Tensor;
/// let weight = Param::new(Tensor::vector([1.0_f32, -2.0]));
/// let mut gradients = weight.var().square().sum().backward()?;
/// for (_, gradient) in gradients.iter_mut() {
///     gradient.map_inplace(|g| g.clamp(-3.0, 3.0));
/// }
/// assert_eq!(gradients.get(weight.id()).unwrap().to_vec(), [2.0, -3.0]);
///
/// let made: Gradients = [(weight.id(), Tensor::vector([0.0_f32, 1.0]))].into_iter().collect();
/// gradients.merge(made)?;
/// assert_eq!(gradients.get(weight.id()).unwrap().to_vec(), [2.0, -2.0]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gradients<T: Float = f32> {
    /// In the order of the numbers. A graph may cross from one type of float to the other, so leaves
    /// of both may be there.
    by_id: Vec<(u64, Value)>,
    of: PhantomData<T>,
}

impl<T: Float> Gradients<T> {
    /// Those of the parameters of the given numbers, which grow.
    pub(crate) fn new(by_id: Vec<(u64, Value)>) -> Self {
        Self { by_id, of: PhantomData }
    }

    /// The same gradients, to be asked for those of leaves of another type of float; where a graph
    /// crosses types by [`Var::cast`].
    pub fn of_type<U: Float>(self) -> Gradients<U> {
        Gradients::new(self.by_id)
    }

    /// The gradient for a parameter; `None` if the loss does not depend on it.
    pub fn get(&self, id: ParamId) -> Option<&Tensor<T>> {
        concrete!(get: fn(&Gradients<T>, ParamId) -> Option<&Tensor<T>>)(self, id)
    }

    /// The gradient for a parameter, to be changed.
    pub fn get_mut(&mut self, id: ParamId) -> Option<&mut Tensor<T>> {
        let place = self.place(id.0).ok()?;
        self.by_id[place].1.get_mut()
    }

    /// The gradient for a leaf; `None` if the loss does not depend on it.
    pub fn of(&self, leaf: &Var<T>) -> Option<&Tensor<T>> {
        self.get(ParamId(leaf.origin()?.id()))
    }

    /// Sets the gradient for a parameter, and returns the one before.
    pub fn insert(&mut self, id: ParamId, gradient: Tensor<T>) -> Option<Tensor<T>> {
        match self.place(id.0) {
            Ok(place) => std::mem::replace(&mut self.by_id[place].1, gradient.into()).into_tensor(),
            Err(place) => {
                self.by_id.insert(place, (id.0, gradient.into()));
                None
            }
        }
    }

    /// Takes the gradient for a parameter out.
    pub fn remove(&mut self, id: ParamId) -> Option<Tensor<T>> {
        let place = self.place(id.0).ok()?;
        self.by_id.remove(place).1.into_tensor()
    }

    /// How many parameters and leaves have a gradient.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether nothing has a gradient.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The gradients in the order in which their parameters were made.
    pub fn iter(&self) -> impl Iterator<Item = (ParamId, &Tensor<T>)> {
        self.by_id.iter().filter_map(|(id, gradient)| Some((ParamId(*id), gradient.get()?)))
    }

    /// The gradients in the order in which their parameters were made, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (ParamId, &mut Tensor<T>)> {
        self.by_id.iter_mut().filter_map(|(id, gradient)| Some((ParamId(*id), gradient.get_mut()?)))
    }

    /// Adds another pass's gradients to these. Accumulating over several small batches and scaling
    /// by their number is the same as one large batch.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::scalar(1.0_f32));
    /// let mut gradients = x.scale(2.0).backward()?;
    /// gradients.merge(x.scale(4.0).backward()?)?;
    /// gradients.scale(0.5);
    /// assert_eq!(gradients.of(&x).unwrap().item()?, 3.0);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a parameter's shape changed in between.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        concrete!(merge: fn(&mut Gradients<T>, Gradients<T>) -> Result<()>)(self, other)
    }

    /// Multiplies every gradient by a number.
    pub fn scale(&mut self, factor: T) {
        concrete!(scale: fn(&mut Gradients<T>, T))(self, factor)
    }

    /// The Euclidean norm of all gradients taken as one vector, `√(Σ g²)`.
    pub fn global_norm(&self) -> T {
        concrete!(global_norm: fn(&Gradients<T>) -> T)(self)
    }

    /// Scales all gradients together so that their global norm is at most `limit`, and returns the
    /// norm that they had. The direction stays the same (Pascanu, Mikolov and Bengio, *On the
    /// difficulty of training recurrent neural networks*, 2013, algorithm 1).
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([3.0_f32, 4.0]));
    /// let mut gradients = x.mul(&x)?.scale(0.5).sum().backward()?;
    /// assert_eq!(gradients.clip_global_norm(1.0), 5.0);
    /// assert_eq!(gradients.of(&x).unwrap().to_vec(), [0.6, 0.8]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn clip_global_norm(&mut self, limit: T) -> T {
        let norm = self.global_norm();
        if norm > limit {
            self.scale(limit / norm);
        }
        norm
    }

    /// Brings every number of every gradient between `-limit` and `limit`. Unlike
    /// [`clip_global_norm`](Gradients::clip_global_norm) it changes the direction.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([3.0_f32, -4.0]));
    /// let mut gradients = x.mul(&x)?.sum().backward()?;
    /// gradients.clip_value(7.0);
    /// assert_eq!(gradients.of(&x).unwrap().to_vec(), [6.0, -7.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn clip_value(&mut self, limit: T) {
        concrete!(clip_value: fn(&mut Gradients<T>, T))(self, limit)
    }

    /// Where the gradient of a number is; or would be.
    fn place(&self, id: u64) -> Result<usize, usize> {
        self.by_id.binary_search_by_key(&id, |&(id, _)| id)
    }
}

/// Gradients that were made elsewhere. The last of several for one parameter counts.
impl<T: Float> FromIterator<(ParamId, Tensor<T>)> for Gradients<T> {
    fn from_iter<I: IntoIterator<Item = (ParamId, Tensor<T>)>>(gradients: I) -> Self {
        let mut all = Self::new(Vec::new());
        for (id, gradient) in gradients {
            all.insert(id, gradient);
        }
        all
    }
}

fn get<T: Float>(gradients: &Gradients<T>, id: ParamId) -> Option<&Tensor<T>> {
    let place = gradients.place(id.0).ok()?;
    gradients.by_id[place].1.get()
}

fn merge<T: Float>(sums: &mut Gradients<T>, other: Gradients<T>) -> Result<()> {
    for (id, gradient) in other.by_id {
        match sums.place(id) {
            Ok(place) => {
                let sum = &mut sums.by_id[place].1;
                if sum.shape() != gradient.shape() {
                    let wanted = format!("{:?}, as before for this parameter", sum.shape());
                    return Err(TensorError::shape("merge", gradient.shape(), wanted).into());
                }
                match (sum, &gradient) {
                    (Value::F32(sum), Value::F32(gradient)) => sum.add_assign(gradient)?,
                    (Value::F64(sum), Value::F64(gradient)) => sum.add_assign(gradient)?,
                    _ => unreachable!("a parameter is of one type"),
                }
            }
            Err(place) => sums.by_id.insert(place, (id, gradient)),
        }
    }
    Ok(())
}

fn scale<T: Float>(gradients: &mut Gradients<T>, factor: T) {
    for (_, gradient) in &mut gradients.by_id {
        match gradient {
            Value::F32(g) => {
                let factor = factor.to_f64() as f32;
                g.map_inplace(|g| g * factor);
            }
            Value::F64(g) => {
                let factor = factor.to_f64();
                g.map_inplace(|g| g * factor);
            }
        }
    }
}

fn clip_value<T: Float>(gradients: &mut Gradients<T>, limit: T) {
    // Written so that a NaN stays one.
    fn clip<T: Float>(g: T, limit: T) -> T {
        if g > limit {
            limit
        } else if g < -limit {
            -limit
        } else {
            g
        }
    }
    for (_, gradient) in &mut gradients.by_id {
        match gradient {
            Value::F32(g) => {
                let limit = limit.to_f64() as f32;
                g.map_inplace(|g| clip(g, limit));
            }
            Value::F64(g) => {
                let limit = limit.to_f64();
                g.map_inplace(|g| clip(g, limit));
            }
        }
    }
}

fn global_norm<T: Float>(gradients: &Gradients<T>) -> T {
    fn squares<T: Float>(g: &Tensor<T>) -> f64 {
        g.map(|x| x.to_f64() * x.to_f64()).sum().item().unwrap_or(f64::NAN)
    }
    let squares = gradients.by_id.iter().map(|(_, gradient)| match gradient {
        Value::F32(g) => squares(g),
        Value::F64(g) => squares(g),
    });
    T::from_f64(squares.sum::<f64>().sqrt())
}
