//! What a recurrent layer is told besides its input.

/// The state from which a recurrent layer starts, and the lengths of the samples.
///
/// Where neither is known, `None` will do; where only the state is, `Some(&state)`.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Context, Gru, Sequence};
/// use gradus_tensor::{Rng, Tensor};
/// let layer: Gru = Gru::new(4, 6).init(&mut Rng::new(0))?;
/// let x = Var::constant(Tensor::ones([5, 2, 4])); // two samples, at most five steps long
/// let (y, _) = layer.forward(&x, Sequence::new().lengths(&[5, 3]), &mut Context::eval())?;
/// assert_eq!(y.value().slice(0, 3..)?.slice(1, 1..)?.abs().max()?.item()?, 0.0);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug)]
pub struct Sequence<'a, S> {
    pub(super) state: Option<&'a S>,
    pub(super) lengths: Option<&'a [usize]>,
}

impl<'a, S> Sequence<'a, S> {
    /// From zeros, with every sample as long as the batch.
    #[must_use]
    pub fn new() -> Self {
        Self { state: None, lengths: None }
    }

    /// The state to start from: what an earlier call gave back.
    #[must_use]
    pub fn state(self, state: &'a S) -> Self {
        Self { state: Some(state), ..self }
    }

    /// How many steps each sample has. What lies behind its end is not read, its output there is zero, its
    /// last state is that of its own last step, and who reads backwards begins there.
    #[must_use]
    pub fn lengths(self, lengths: &'a [usize]) -> Self {
        Self { lengths: Some(lengths), ..self }
    }
}

impl<S> Default for Sequence<'_, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, S> From<Option<&'a S>> for Sequence<'a, S> {
    fn from(state: Option<&'a S>) -> Self {
        Self { state, lengths: None }
    }
}

impl<'a, S> From<&'a S> for Sequence<'a, S> {
    fn from(state: &'a S) -> Self {
        Self::new().state(state)
    }
}
