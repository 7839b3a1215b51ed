//! Long short-term memory over a whole sequence: `y` of every step, and the last `c`.
//!
//! The formulas are those of [`gradus_tensor::lstm`]. For derivatives of higher order the sequence is
//! written out in simple operations, step by step, and those are differentiated.

use gradus_tensor::{Float, LstmPass, Tensor, concrete, lstm, lstm_grad};

use super::definition::differentiate;
use crate::{At, In, Op, Result, Saving, Var, mode};

#[derive(Debug)]
struct Lstm {
    /// Whether the derivative will be asked for.
    keep: bool,
}

impl<T: Float> Op<T> for Lstm {
    type Inputs = [In; 7];
    type Output = Saving<[Tensor<T>; 2], LstmPass<T>>;
    const NAME: &'static str = "lstm";

    fn forward(&self, [x, h, c, weights @ ..]: [&Tensor<T>; 7]) -> Result<Self::Output> {
        let pass = lstm(x, [h, c], weights, self.keep)?;
        Ok(Saving([pass.output.clone(), pass.cell.clone()], pass))
    }

    fn vjp(
        &self,
        at: &At<'_, T, Self>,
        grads: &[Option<Var<T>>; 2],
    ) -> Result<[Option<Var<T>>; 7]> {
        differentiate(at, &grads.each_ref().map(Option::as_ref), |x| Ok(written_out(x)?.into()))
    }

    fn vjp_fused(
        &self,
        at: &At<'_, T, Self>,
        [output, cell]: [Option<Tensor<T>>; 2],
    ) -> Result<[Option<Tensor<T>>; 7]> {
        let [x, _, _, weights @ ..] = at.values()?;
        let wanted = std::array::from_fn(|i| at.wanted[i]);
        Ok(lstm_grad(x, weights, at.saved, output.as_ref(), cell.as_ref(), wanted)?)
    }
}

/// The same in simple operations: `y` and the last `c`.
fn written_out<T: Float>(inputs: [&Var<T>; 7]) -> Result<[Var<T>; 2]> {
    let [x, h, c, w_ih, w_hh, b_ih, b_hh] = inputs;
    let (mut h, mut c) = (h.clone(), c.clone());
    let hidden = w_hh.shape()[1];
    let mut outputs = Vec::with_capacity(x.shape()[0]);
    for t in 0..x.shape()[0] {
        let a = x.index(0, t)?.linear(w_ih, b_ih)?.add(&h.linear(w_hh, b_hh)?)?;
        let gate = |i: usize| a.slice(1, i * hidden..(i + 1) * hidden);
        let (i, f) = (gate(0)?.sigmoid(), gate(1)?.sigmoid());
        let (g, o) = (gate(2)?.tanh(), gate(3)?.sigmoid());
        c = f.mul(&c)?.add(&i.mul(&g)?)?;
        h = o.mul(&c.tanh())?;
        outputs.push(h.clone());
    }
    let outputs: Vec<&Var<T>> = outputs.iter().collect();
    Ok([Var::stack(&outputs, 0)?, c])
}

impl<T: Float> Var<T> {
    /// A layer of long short-term memory over a sequence `[T, N, in]`, from the states `[h, c]` of
    /// `[N, hidden]`, with the weights `W_ih` of `[4 · hidden, in]`, `W_hh` of `[4 · hidden, hidden]`
    /// and two biases of `[4 · hidden]`, all in the order of the gates `i, f, g, o`. The results are
    /// `h` of every step, `[T, N, hidden]`, and `c` of the last one, `[N, hidden]`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::from(Tensor::<f32>::ones([5, 2, 3]));
    /// let state = Var::from(Tensor::zeros([2, 4]));
    /// let [w_ih, w_hh] = [[16, 3], [16, 4]].map(|shape| Var::leaf(Tensor::full(shape, 0.1)));
    /// let bias = Var::from(Tensor::zeros([16]));
    /// let [y, c] = x.lstm([&state, &state], [&w_ih, &w_hh, &bias, &bias])?;
    /// assert_eq!((y.shape(), c.shape()), (&[5, 2, 4][..], &[2, 4][..]));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no step, or the shapes do not fit.
    pub fn lstm(&self, states: [&Var<T>; 2], weights: [&Var<T>; 4]) -> Result<[Var<T>; 2]> {
        concrete!(layer: fn(&Var<T>, [&Var<T>; 2], [&Var<T>; 4]) -> Result<[Var<T>; 2]>)(
            self, states, weights,
        )
    }
}

fn layer<T: Float>(x: &Var<T>, [h, c]: [&Var<T>; 2], weights: [&Var<T>; 4]) -> Result<[Var<T>; 2]> {
    let [w_ih, w_hh, b_ih, b_hh] = weights;
    let inputs = [x, h, c, w_ih, w_hh, b_ih, b_hh];
    Var::apply(Lstm { keep: mode::will_record(inputs) }, inputs)
}

#[cfg(test)]
mod tests {
    use gradus_tensor::{Float, Tensor};

    use super::written_out;
    use crate::check::{cases, inputs::normal};
    use crate::{Result, Var};

    fn inputs([steps, batch, inputs, hidden]: [usize; 4]) -> Vec<Tensor<f64>> {
        let rows = 4 * hidden;
        vec![
            normal([steps, batch, inputs], 1),
            normal([batch, hidden], 2),
            normal([batch, hidden], 3),
            normal([rows, inputs], 4),
            normal([rows, hidden], 5),
            normal([rows], 6),
            normal([rows], 7),
        ]
    }

    fn both<T: Float>(x: &[Var<T>]) -> Result<[Var<T>; 2]> {
        x[0].lstm([&x[1], &x[2]], [&x[3], &x[4], &x[5], &x[6]])
    }

    fn plain(x: &[Var<f64>]) -> Result<[Var<f64>; 2]> {
        written_out([&x[0], &x[1], &x[2], &x[3], &x[4], &x[5], &x[6]])
    }

    #[test]
    fn properties() {
        cases!("lstm", |x| Ok(both(x)?[0].clone()))
            .equals(|x| Ok(plain(x)?[0].clone()))
            .on("a batch", inputs([3, 2, 3, 2]))
            .on("one step", inputs([1, 2, 1, 3]))
            .on("one sample, many units", inputs([2, 1, 2, 18]))
            .on("no samples", inputs([2, 0, 2, 2]))
            .refuses(
                "other features",
                [&[normal([2, 2, 4], 1)], &inputs([2, 2, 3, 2])[1..]].concat(),
                "lstm: got shape [8, 3], wanted input weights [8, 4]",
            )
            .refuses("no steps", inputs([0, 2, 3, 2]), "wanted at least one step")
            .check();
        cases!("lstm, last cell", |x| Ok(both(x)?[1].clone()))
            .equals(|x| Ok(plain(x)?[1].clone()))
            .on("a batch", inputs([3, 2, 3, 2]))
            .check();
        cases!("lstm, both results", |x| {
            let [y, c] = both(x)?;
            y.index(0, 1)?.mul(&c)
        })
        .on("a batch", inputs([3, 2, 2, 2]))
        .check();
    }
}
