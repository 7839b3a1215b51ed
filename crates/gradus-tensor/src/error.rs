//! What can go wrong with an array operation. Every message names the operation, what it got,
//! and what would have fitted.

/// The result of an operation that some inputs make undefined.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on tensors has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two shapes do not broadcast together.
    #[error(
        "{op}: shapes {left:?} and {right:?} do not broadcast: axis {axis} (counted from the last) \
         must have equal sizes, or one of them must be 1"
    )]
    Broadcast {
        /// The operation that was asked for.
        op: &'static str,
        /// Shape of the first operand.
        left: Vec<usize>,
        /// Shape of the second operand.
        right: Vec<usize>,
        /// The axis at fault, counted from the last: -1, -2, …
        axis: isize,
    },
    /// A shape is not what the operation takes.
    #[error("{op}: got shape {got:?}, wanted {wanted}")]
    Shape {
        /// The operation that was asked for.
        op: &'static str,
        /// The shape it was given.
        got: Vec<usize>,
        /// What would have fitted.
        wanted: String,
    },
    /// An axis that the tensor does not have.
    #[error("{op}: axis {axis} is out of range for a tensor of rank {rank}{}", axis_hint(*.rank))]
    Axis {
        /// The operation that was asked for.
        op: &'static str,
        /// The axis it was given.
        axis: isize,
        /// The rank of the tensor.
        rank: usize,
    },
    /// An index beyond the end of an axis.
    #[error("{op}: index {index} is out of range for axis {axis}, which has {dim} elements")]
    Index {
        /// The operation that was asked for.
        op: &'static str,
        /// The index it was given.
        index: i64,
        /// The axis that was indexed.
        axis: usize,
        /// The number of elements on that axis.
        dim: usize,
    },
    /// An argument that is not a shape, an axis or an index is outside its domain.
    #[error("{op}: got {got}, wanted {wanted}")]
    Value {
        /// The operation that was asked for.
        op: &'static str,
        /// What it was given, with the argument's name.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
    /// A shape whose elements no machine can hold.
    #[error("{op}: shape {shape:?} has more elements than memory can hold")]
    TooLarge {
        /// The operation that was asked for.
        op: &'static str,
        /// The shape it was given.
        shape: Vec<usize>,
    },
}

fn axis_hint(rank: usize) -> String {
    match rank {
        0 => ", which has no axes".into(),
        _ => format!("; use 0 to {}, or -{rank} to -1 counted from the end", rank - 1),
    }
}

impl Error {
    /// A shape that the operation does not take.
    pub fn shape(op: &'static str, got: &[usize], wanted: impl Into<String>) -> Self {
        Self::Shape { op, got: got.to_vec(), wanted: wanted.into() }
    }

    /// An argument outside its domain.
    pub fn value(op: &'static str, got: impl Into<String>, wanted: impl Into<String>) -> Self {
        Self::Value { op, got: got.into(), wanted: wanted.into() }
    }
}
