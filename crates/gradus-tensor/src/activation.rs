//! What a kernel may do to a result in the pass that writes it.

/// The activation that follows an operation in the same pass over memory.
///
/// ```
/// use gradus_tensor::Activation;
/// assert_eq!(Activation::default(), Activation::Identity);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Activation {
    /// None: `y`.
    #[default]
    Identity,
    /// `max(0, y)`. NaN stays NaN.
    Relu,
}
