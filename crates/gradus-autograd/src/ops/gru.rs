//! Gated recurrent units over a whole sequence: `y` of every step.
//!
//! The formulas are those of [`gradus_tensor::gru`]. For derivatives of higher order the sequence is
//! written out in simple operations, step by step, and those are differentiated.

use gradus_tensor::{Float, GruPass, Tensor, concrete, gru, gru_grad};

use super::definition::differentiate;
use crate::{At, In, Op, Result, Saving, Var, mode};

#[derive(Debug)]
struct Gru {
    /// Whether a derivative may follow.
    keep: bool,
}

impl<T: Float> Op<T> for Gru {
    type Inputs = [In; 6];
    type Output = Saving<Tensor<T>, GruPass<T>>;
    const NAME: &'static str = "gru";

    fn forward(&self, inputs: [&Tensor<T>; 6]) -> Result<Saving<Tensor<T>, GruPass<T>>> {
        let [x, h, weights @ ..] = inputs;
        let pass = gru(x, h, weights, self.keep)?;
        Ok(Saving(pass.output.clone(), pass))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad_y: &Var<T>) -> Result<[Option<Var<T>>; 6]> {
        differentiate(at, &[Some(grad_y)], |inputs| Ok(vec![written_out(inputs)?]))
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 6]> {
        let [x, _, weights @ ..] = at.values()?;
        Ok(gru_grad(x, weights, at.saved, &grad, std::array::from_fn(|i| at.wanted[i]))?)
    }
}

/// The same in simple operations.
fn written_out<T: Float>(inputs: [&Var<T>; 6]) -> Result<Var<T>> {
    let [x, h, w_ih, w_hh, b_ih, b_hh] = inputs;
    let mut h = h.clone();
    let hidden = w_hh.shape()[1];
    let mut outputs = Vec::with_capacity(x.shape()[0]);
    for t in 0..x.shape()[0] {
        let a = x.index(0, t)?.linear(w_ih, b_ih)?;
        let u = h.linear(w_hh, b_hh)?;
        let gate = |of: &Var<T>, i: usize| of.slice(1, i * hidden..(i + 1) * hidden);
        let r = gate(&a, 0)?.add(&gate(&u, 0)?)?.sigmoid();
        let z = gate(&a, 1)?.add(&gate(&u, 1)?)?.sigmoid();
        let n = gate(&a, 2)?.add(&r.mul(&gate(&u, 2)?)?)?.tanh();
        h = n.add(&z.mul(&h.sub(&n)?)?)?;
        outputs.push(h.clone());
    }
    let outputs: Vec<&Var<T>> = outputs.iter().collect();
    Var::stack(&outputs, 0)
}

impl<T: Float> Var<T> {
    /// A layer of gated recurrent units over a sequence `[T, N, in]`, from the state `h` of
    /// `[N, hidden]`, with the weights `W_ih` of `[3 · hidden, in]`, `W_hh` of `[3 · hidden, hidden]` and
    /// two biases of `[3 · hidden]`, all in the order of the gates `r, z, n`. The result is `h` of every
    /// step, `[T, N, hidden]`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::from(Tensor::<f32>::ones([5, 2, 3]));
    /// let h = Var::from(Tensor::zeros([2, 4]));
    /// let [w_ih, w_hh] = [[12, 3], [12, 4]].map(|shape| Var::leaf(Tensor::full(shape, 0.1)));
    /// let bias = Var::from(Tensor::zeros([12]));
    /// let y = x.gru(&h, [&w_ih, &w_hh, &bias, &bias])?;
    /// assert_eq!(y.shape(), [5, 2, 4]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no step, or the shapes do not fit.
    pub fn gru(&self, h: &Var<T>, weights: [&Var<T>; 4]) -> Result<Var<T>> {
        concrete!(layer: fn(&Var<T>, &Var<T>, [&Var<T>; 4]) -> Result<Var<T>>)(self, h, weights)
    }
}

fn layer<T: Float>(x: &Var<T>, h: &Var<T>, weights: [&Var<T>; 4]) -> Result<Var<T>> {
    let [w_ih, w_hh, b_ih, b_hh] = weights;
    let inputs = [x, h, w_ih, w_hh, b_ih, b_hh];
    let keep = mode::will_record(inputs);
    Var::apply(Gru { keep }, inputs)
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::written_out;
    use crate::check::{cases, inputs::normal};

    fn inputs([steps, batch, inputs, hidden]: [usize; 4]) -> Vec<Tensor<f64>> {
        let rows = 3 * hidden;
        vec![
            normal([steps, batch, inputs], 1),
            normal([batch, hidden], 2),
            normal([rows, inputs], 3),
            normal([rows, hidden], 4),
            normal([rows], 5),
            normal([rows], 6),
        ]
    }

    #[test]
    fn properties() {
        cases!("gru", |x| x[0].gru(&x[1], [&x[2], &x[3], &x[4], &x[5]]))
            .equals(|x| written_out([&x[0], &x[1], &x[2], &x[3], &x[4], &x[5]]))
            .on("a batch", inputs([3, 2, 3, 2]))
            .on("one step", inputs([1, 2, 1, 3]))
            .on("one sample, many units", inputs([2, 1, 2, 18]))
            .on("no samples", inputs([2, 0, 2, 2]))
            .refuses(
                "other features",
                [&[normal([2, 2, 4], 1)], &inputs([2, 2, 3, 2])[1..]].concat(),
                "gru: got shape [6, 3], wanted input weights [6, 4]",
            )
            .refuses("no steps", inputs([0, 2, 3, 2]), "wanted at least one step")
            .check();
    }
}
