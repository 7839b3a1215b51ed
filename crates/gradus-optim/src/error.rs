//! What can go wrong when a model is updated.

use crate::settings::BadSetting;

/// The result of something that some inputs make undefined.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an optimizer cannot take a step, or cannot go on from a saved state.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation on tensors is undefined.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// An operation on variables is undefined.
    #[error(transparent)]
    Autograd(#[from] gradus_autograd::Error),
    /// A layer is undefined.
    #[error(transparent)]
    Nn(#[from] gradus_nn::Error),
    /// A rule, a group or a schedule has a setting outside its domain.
    #[error("{of}: got {got}, wanted {wanted}")]
    Setting {
        /// What has the setting.
        of: String,
        /// The setting at fault.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
    /// A gradient does not fit its parameter.
    #[error(
        "step: the gradient of `{path}` has shape {got:?}, wanted {wanted:?}, the parameter's; \
         was the parameter replaced after the forward pass?"
    )]
    GradientShape {
        /// The parameter.
        path: String,
        /// The shape of the gradient.
        got: Vec<usize>,
        /// The shape of the parameter.
        wanted: Vec<usize>,
    },
    /// The state that is kept for a parameter does not fit it.
    #[error(
        "step: the state kept for `{path}` has the shapes {got:?}, which {rule} does not keep for a \
         parameter of shape {wanted:?}; does the state belong to another model, or to other settings?"
    )]
    StateShape {
        /// The parameter.
        path: String,
        /// The shapes of the state.
        got: Vec<Vec<usize>>,
        /// The shape of the parameter.
        wanted: Vec<usize>,
        /// The title of the rule.
        rule: String,
    },
    /// The rule computes the loss more than once a step, and was given gradients alone.
    #[error(
        "step: got gradients, wanted the loss: the rule computes it several times; \
         call `step_with(&mut model, |model| loss)`"
    )]
    NeedsLoss,
    /// None of the parameters that are trained has a gradient.
    #[error(
        "step: none of the model's {params} trained parameters has a gradient; compute the loss \
         with this model itself: a clone's parameters are parameters of their own"
    )]
    NoGradients {
        /// How many parameters are not frozen.
        params: usize,
    },
    /// Two parameters cannot be told apart.
    #[error(
        "step: two parameters of the model have the path `{path}`; give their fields two names"
    )]
    SamePath {
        /// The path.
        path: String,
    },
    /// A group was given a part that the model does not have.
    #[error(
        "step: no parameter of the model is `{part}` or lies in it, as its group wants; names count \
         as a whole; the first path is `{first}`"
    )]
    EmptyGroup {
        /// The part.
        part: String,
        /// The path of the model's first parameter.
        first: String,
    },
    /// A saved state does not fit the optimizer.
    #[error("load_state: got {got}, wanted {wanted}")]
    State {
        /// What the state holds.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
}

impl Error {
    /// A setting outside its domain; `of` is the rule, group or schedule that has it.
    ///
    /// ```
    /// let error = gradus_optim::Error::setting("Lion", "beta 1.5", "a number in [0, 1)");
    /// assert_eq!(error.to_string(), "Lion: got beta 1.5, wanted a number in [0, 1)");
    /// ```
    pub fn setting(
        of: impl Into<String>,
        got: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        Self::Setting { of: of.into(), got: got.into(), wanted: wanted.into() }
    }
}

/// Checks that a setting is neither negative, infinite nor NaN.
pub(crate) fn not_negative(of: &str, name: &str, value: f64) -> Result<()> {
    match value.is_finite() && value >= 0.0 {
        true => Ok(()),
        false => Err(Error::setting(of, format!("{name} {value}"), "a finite number >= 0")),
    }
}

impl From<BadSetting> for Error {
    fn from(BadSetting { of, got, wanted }: BadSetting) -> Self {
        Self::Setting { of, got, wanted }
    }
}
