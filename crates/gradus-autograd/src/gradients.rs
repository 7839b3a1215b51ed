//! What a backward pass gives.

use gradus_tensor::{Error as TensorError, Float, Tensor, concrete};

use crate::{ParamId, Result, Var};

/// The gradient of a loss with respect to each parameter and leaf that it depends on.
///
/// It is a value: nothing has to be set to zero before the next step.
#[derive(Debug, Clone)]
pub struct Gradients<T: Float = f32> {
    /// In the order of the numbers.
    by_id: Vec<(u64, Tensor<T>)>,
}

impl<T: Float> Gradients<T> {
    /// Those of the parameters of the given numbers, which grow.
    pub(crate) fn new(by_id: Vec<(u64, Tensor<T>)>) -> Self {
        Self { by_id }
    }

    /// The gradient for a parameter; `None` if the loss does not depend on it.
    pub fn get(&self, id: ParamId) -> Option<&Tensor<T>> {
        concrete!(get: fn(&Gradients<T>, ParamId) -> Option<&Tensor<T>>)(self, id)
    }

    /// The gradient for a leaf; `None` if the loss does not depend on it.
    pub fn of(&self, leaf: &Var<T>) -> Option<&Tensor<T>> {
        self.get(ParamId(leaf.node()?.links().id))
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
        self.by_id.iter().map(|(id, gradient)| (ParamId(*id), gradient))
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
}

impl<T: Float> Gradients<T> {
    /// Where the gradient of a number is; or would be.
    fn place(&self, id: u64) -> Result<usize, usize> {
        self.by_id.binary_search_by_key(&id, |&(id, _)| id)
    }
}

fn get<T: Float>(gradients: &Gradients<T>, id: ParamId) -> Option<&Tensor<T>> {
    let place = gradients.place(id.0).ok()?;
    Some(&gradients.by_id[place].1)
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
                sum.add_assign(&gradient)?;
            }
            Err(place) => sums.by_id.insert(place, (id, gradient)),
        }
    }
    Ok(())
}

fn scale<T: Float>(gradients: &mut Gradients<T>, factor: T) {
    gradients.by_id.iter_mut().for_each(|(_, g)| g.map_inplace(|x| x * factor));
}

fn global_norm<T: Float>(gradients: &Gradients<T>) -> T {
    let squares = gradients.by_id.iter().map(|(_, g)| {
        let square = g.map(|x| x.to_f64() * x.to_f64()).sum();
        square.item().unwrap_or(f64::NAN)
    });
    T::from_f64(squares.sum::<f64>().sqrt())
}
