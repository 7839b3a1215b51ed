//! Arrays, views, broadcasting.
//!
//! A [`Tensor`](crate::tensor::Tensor) holds numbers of one type, `f32` unless said otherwise, under
//! a shape:
//!
//! ```
//! use gradus::prelude::*;
//!
//! let x = Tensor::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
//! assert_eq!((x.shape(), x.get([1, 0])?), (&[2, 3][..], 4.0));
//! println!("{x}");
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! Slices, transposes and expansions are views: the same memory, read with other strides. Cloning
//! is cheap, too. Memory is copied when somebody writes to what somebody else also holds:
//!
//! ```
//! use gradus::prelude::*;
//!
//! let x = Tensor::<f32>::zeros([1000, 1000]);
//! let mut column = x.slice(1, 3..4)?;      // no copy
//! column.as_mut_slice().fill(1.0);         // copies the 1000 numbers of the column
//! assert_eq!(x.sum().item()?, 0.0);
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! Two shapes broadcast if, counted from the last axis, sizes are equal or one of them is 1. So a row
//! is added to every row, and a column to every column:
//!
//! ```
//! use gradus::prelude::*;
//!
//! let column = Tensor::from_vec(vec![0.0, 10.0], [2, 1])?;
//! let row = Tensor::vector([1.0, 2.0, 3.0]);
//! assert_eq!((&column + &row).to_vec(), [1.0, 2.0, 3.0, 11.0, 12.0, 13.0]);
//!
//! let error = column.add(&Tensor::zeros([3, 2]));
//! assert!(error.unwrap_err().to_string().starts_with("add: shapes [2, 1] and [3, 2]"));
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! Methods give an error where shapes do not fit; operators panic with the same text. Random numbers
//! come from a generator that you hold: `Tensor::normal([3], 0.0, 1.0, &mut Rng::new(42))`.
