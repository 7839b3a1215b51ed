//! What a workload is: a network, a batch, and the two things that are timed.

use gradus::optim::{Optimizer, Rule};
use gradus::prelude::*;

/// A network and what it takes in.
pub trait Net: Module {
    type Input;

    fn scores(&self, x: &Self::Input, cx: &mut Context) -> Result<Var>;
}

/// One batch, and its first sample alone.
pub struct Batch<X> {
    pub inputs: X,
    pub labels: Tensor<i64>,
    pub first: X,
}

/// Forward, loss, backward, optimizer; gives the loss.
pub fn train_step<N: Net, R: Rule>(
    net: &mut N,
    data: &Batch<N::Input>,
    optimizer: &mut Optimizer<R>,
    cx: &mut Context,
) -> gradus::Result<f32> {
    let scores = net.scores(&data.inputs, cx)?;
    let classes = scores.shape().last().copied().unwrap_or(1);
    // Sequences have a label for each place.
    let rows = data.labels.len();
    let loss = cross_entropy(&scores.reshape([rows, classes])?, &data.labels.reshape([rows])?)?;
    // Without the scores nobody else holds the graph, and the pass backward can free it on its way.
    drop(scores);
    let value = loss.item()?;
    optimizer.step(net, &loss.backward()?)?;
    Ok(value)
}

/// The scores of the first sample, without gradients.
pub fn infer<N: Net>(net: &N, data: &Batch<N::Input>, cx: &mut Context) -> gradus::Result<Var> {
    Ok(no_grad(|| net.scores(&data.first, cx))?)
}
