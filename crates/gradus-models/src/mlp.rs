//! A multilayer perceptron: linear layers with a ReLU between them.
//!
//! `y = Wₙ relu(… relu(W₁ x + b₁) …) + bₙ`. With one hidden layer that is wide enough it comes as near as one
//! likes to any continuous function on a bounded region. (Rumelhart, Hinton and Williams, *Learning
//! representations by back-propagating errors*, 1986; Hornik, *Approximation capabilities of multilayer feedforward
//! networks*, 1991, theorem 2.) Names are those of `nn.Sequential(Linear, ReLU, Linear, …)`: `0.weight`, `0.bias`,
//! `2.weight`, ….

use gradus_nn::{Error, Init, Linear, Relu, Result, Sequential};
use gradus_tensor::{Float, Rng};

/// Linear layers from each size to the next, with a ReLU between them. Weights in front of a ReLU start uniform
/// with variance `2 / inputs`, the last as a [`Linear`] layer does.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::mlp;
/// use gradus_nn::{Context, Layer, ModuleExt};
/// use gradus_tensor::{Rng, Tensor};
///
/// let net = mlp::<f32>(&[784, 128, 10], &mut Rng::new(0))?;
/// assert_eq!(net.paths(), ["0.weight", "0.bias", "2.weight", "2.bias"]);
/// let y = net.forward(&Var::from(Tensor::zeros([64, 784])), &mut Context::eval())?;
/// assert_eq!(y.shape(), [64, 10]);
/// // What the last layer reads.
/// let x = Var::from(Tensor::zeros([64, 784]));
/// assert_eq!(net.forward_part(..2, &x, &mut Context::eval())?.shape(), [64, 128]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] if there are fewer than two sizes, or one is zero.
pub fn mlp<T: Float>(sizes: &[usize], rng: &mut Rng) -> Result<Sequential<T>> {
    if sizes.len() < 2 || sizes.contains(&0) {
        let wanted = "two or more of at least 1: inputs, hidden layers, outputs";
        return Err(Error::setting("mlp", format!("sizes {sizes:?}"), wanted));
    }
    let mut net = Sequential::new();
    let last = sizes.len() - 2;
    for (i, pair) in sizes.windows(2).enumerate() {
        let layer = Linear::new(pair[0], pair[1]);
        net = match i == last {
            true => net.push(layer.init(rng)?),
            false => net.push(layer.weight_init(Init::KaimingUniform).init(rng)?).push(Relu),
        };
    }
    Ok(net)
}
