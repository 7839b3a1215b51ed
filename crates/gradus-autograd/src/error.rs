//! What can go wrong when a graph is built, differentiated or checked.

use gradus_tensor::Error as TensorError;

/// The result of an operation that some inputs make undefined.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on variables has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operation is undefined for these tensors.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// A class label that names no class.
    #[error("{op}: label {label} at position {position} is outside the {classes} classes")]
    Label {
        /// The operation that was asked for.
        op: &'static str,
        /// The label.
        label: i64,
        /// Where it stands among the labels, in row-major order.
        position: usize,
        /// The number of classes; labels go from 0 to one less.
        classes: usize,
    },
    /// A derivative was asked of something that is not one number.
    #[error(
        "{op}: the loss has shape {shape:?}, wanted one element; reduce it with sum() or mean(){}",
        if *op == "grad" { ", or give a weight for each element" } else { "" }
    )]
    NotScalar {
        /// What was asked for: "backward" or "grad".
        op: &'static str,
        /// The shape of the loss.
        shape: Vec<usize>,
    },
    /// A derivative was asked of a constant.
    #[error(
        "backward: the loss depends on no parameter, so it has no gradient; was it computed from \
         constants or frozen parameters, detached, or inside no_grad?"
    )]
    Constant,
    /// A derivative was asked with respect to a constant.
    #[error(
        "grad: input {input}, of shape {shape:?}, is a constant; make it with Var::leaf, or take it \
         from a parameter that is not frozen"
    )]
    Untracked {
        /// Which of the inputs.
        input: usize,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// An operation gave a gradient whose shape is not that of its input.
    #[error("{op}: the derivative for input {input} has shape {got:?}, wanted {wanted:?}")]
    GradientShape {
        /// The operation.
        op: &'static str,
        /// Which of its inputs.
        input: usize,
        /// The shape of the gradient.
        got: Vec<usize>,
        /// The shape of the input.
        wanted: Vec<usize>,
    },
    /// An operation with any number of inputs gave gradients for another number of them.
    #[error("{op}: the derivative gives {got} gradients, wanted {wanted}, one for each input")]
    GradientCount {
        /// The operation.
        op: &'static str,
        /// How many it gave.
        got: usize,
        /// How many inputs it has.
        wanted: usize,
    },
    /// A derivative asked for an input or output that the operation did not keep.
    #[error(
        "{op}: the derivative needs {what} {place}, which is not kept; `Op::keeps` must name it"
    )]
    NotKept {
        /// The operation.
        op: &'static str,
        /// "input" or "output".
        what: &'static str,
        /// Which of them.
        place: usize,
    },
    /// In checked mode: the first operation that made a NaN or an infinity out of finite numbers.
    #[error("{op}: the {pass} pass produced a NaN or an infinity from finite numbers")]
    NotFinite {
        /// The operation.
        op: &'static str,
        /// "forward" or "backward".
        pass: &'static str,
    },
    /// A derivative disagrees with its check.
    #[error("{what}: {detail}")]
    Check {
        /// What was checked.
        what: String,
        /// How it failed.
        detail: String,
    },
}
