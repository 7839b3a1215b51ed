//! Muon: the momentum of a matrix, with all its singular values brought near 1.
//!
//! ```text
//! m ← μ m + (1 − μ) g        u = μ m + (1 − μ) g with Nesterov, else m        w ← w − η λ w − η s U(u)
//! U(x):   X = x / ‖x‖,   and five times   A = X Xᵀ,   X ← a X + (b A + c A²) X
//! ```
//!
//! The polynomial is that of Newton and Schulz, steep at zero so that few steps are enough. `s = √max(1, rows / columns)`, or
//! `0.2 √max(rows, columns)` for steps as large as AdamW's. Jordan and others, *Muon: an optimizer for hidden layers in neural networks*, 2024;
//! the second `s`: Liu and others, *Muon is scalable for LLM training*, 2025, equation 4. It is computed in the parameter's own type, where PyTorch
//! rounds to 16 bits.
//!
//! It is for matrices: set the other parameters, and embeddings and heads, apart with a rule of their own.

use gradus_tensor::{Float, Tensor};

use crate::clip::norm;
use crate::whole::towards;
use crate::{At, Decay, Error, Formula, Result, Settings, choices, rule};

choices! {
    /// How the steps of [`Muon`] depend on the shape of the matrix.
    pub enum Scale {
        /// `√max(1, rows / columns)`.
        Rows = "rows",
        /// `0.2 √max(rows, columns)`, as large as those of AdamW, so that its learning rates will do.
        LikeAdamW = "like_adamw",
    }
}

/// Muon.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_nn::ModuleExt;
/// use gradus_optim::{AdamW, Muon, Optimizer, Rule};
/// use gradus_tensor::Tensor;
///
/// // Muon for matrices, AdamW for what is not one.
/// let muon: Box<dyn Rule> = Box::new(Muon::new(0.02));
/// let mut optimizer = Optimizer::new(muon)
///     .group_where(|path| path.ends_with("bias"), |group| group.set(|_| Box::new(AdamW::new(1e-3))));
/// let mut w = Param::new(Tensor::eye(3));
/// let gradients = w.var().square().sum().backward()?;
/// optimizer.step(&mut w, &gradients)?;
/// assert!(w.value().get([0, 0])? < 1.0);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.Muon", source = "Jordan and others, 2024")]
pub struct Muon {
    /// The learning rate.
    #[at_least(0)]
    lr: f64,
    /// The fraction of the parameter, times the learning rate, that each step takes away.
    #[at_least(0)]
    #[default(0.1)]
    weight_decay: f64,
    /// How much of the mean gradient is kept from one step to the next.
    #[in_unit]
    #[default(0.95)]
    momentum: f64,
    /// Whether to look ahead along the mean gradient.
    #[default(true)]
    nesterov: bool,
    /// The numbers `a`, `b`, `c` of the polynomial.
    #[default([3.4445, -4.775, 2.0315])]
    coefficients: [f64; 3],
    /// The least norm that a matrix is divided by.
    #[above(0)]
    #[default(1e-7)]
    eps: f64,
    /// How often the polynomial is applied.
    #[at_most(99)]
    #[default(5)]
    steps: usize,
    /// How steps depend on the shape.
    #[default(Scale::Rows)]
    scale: Scale,
}

impl Muon {
    /// The matrix with its singular values brought near 1.
    fn orthogonal<T: Float>(&self, x: &Tensor<T>) -> Result<Tensor<T>> {
        let [a, b, c] = self.coefficients.map(T::from_f64);
        let size = T::from_f64(norm(x).max(self.eps));
        let tall = x.dim(0)? > x.dim(1)?;
        let mut x = &if tall { x.transpose(0, 1)? } else { x.clone() } / size;
        for _ in 0..self.steps {
            let gram = x.matmul(&x.transpose(0, 1)?)?;
            let mut poly = &gram.matmul(&gram)? * c;
            poly.add_scaled(&gram, b)?;
            let mut next = poly.matmul(&x)?;
            next.add_scaled(&x, a)?;
            x = next;
        }
        Ok(if tall { x.transpose(0, 1)? } else { x })
    }
}

impl Formula for Muon {
    /// The mean gradient.
    fn slots(&self) -> usize {
        1
    }

    fn update<T: Float>(&self, at: &mut At<T>) -> Result<()> {
        let &[rows, columns] = at.param.shape() else {
            let got = format!("`{}` of shape {:?}", at.path, at.param.shape());
            let wanted = "a matrix; set other parameters apart with `group_where`, and there `set` \
                          another rule";
            return Err(Error::setting("Muon", got, wanted));
        };
        let [mean] = &at.state[..] else { return Err(at.other_state(1)) };
        let lr = at.step.lr;
        let [mut param, grad] = at.decayed(Decay::decoupled(self.weight_decay, lr))?;
        let mean = towards("Muon", 1.0 - self.momentum, mean, &grad)?;
        let ahead = match self.nesterov {
            true => towards("Muon", self.momentum, &grad, &mean)?,
            false => mean.clone(),
        };
        let (rows, columns) = (rows as f64, columns as f64);
        let scale = match self.scale {
            Scale::Rows => (rows / columns).max(1.0).sqrt(),
            Scale::LikeAdamW => 0.2 * rows.max(columns).sqrt(),
        };
        param.add_scaled(&self.orthogonal(&ahead)?, T::from_f64(-lr * scale))?;
        (at.param, at.state) = (param, vec![mean]);
        Ok(())
    }
}
rule!(Muon);
