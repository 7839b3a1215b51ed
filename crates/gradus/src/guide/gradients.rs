//! Variables and derivatives.
//!
//! A [`Var`](crate::autograd::Var) is a tensor that remembers how it came about.
//! [`backward`](crate::autograd::Var::backward) walks that record and returns the gradients:
//!
//! ```
//! use gradus::prelude::*;
//!
//! let x = Var::leaf(Tensor::vector([1.0, 2.0]));
//! let loss = x.mul(&x)?.sum();
//! let gradients = loss.backward()?;
//! assert_eq!(gradients.of(&x).unwrap().to_vec(), [2.0, 4.0]);
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! What does not depend on a leaf or a parameter is a constant and costs nothing. `detach` makes a
//! constant of a variable, [`no_grad`](crate::autograd::no_grad) of all that is computed inside it.
//!
//! [`grad`](crate::autograd::grad) gives gradients that are variables again, for derivatives of any
//! order:
//!
//! ```
//! use gradus::prelude::*;
//!
//! let x = Var::leaf(Tensor::scalar(0.5_f32));
//! let [first] = grad(&x.sin(), [&x], None)?;
//! let [second] = grad(&first, [&x], None)?;
//! assert!((second.item()? + 0.5_f32.sin()).abs() < 1e-6);   // sin″ = -sin
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! To add an operation, implement [`Op`](crate::autograd::Op) and hand it to
//! [`check::Cases`](crate::autograd::check::Cases), which compares its derivatives with differences.
