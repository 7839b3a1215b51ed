//! Scaled dot-product attention: `O = softmax(Q Kᵀ / √d) V` for every head.
//!
//! The formulas and their sources are those of [`gradus_tensor::attention`]. The derivative in simple
//! operations, with `P = softmax(Q Kᵀ / √d)`, is
//!
//! `V̄ = Pᵀ Ō`, `P̄ = Ō Vᵀ`, `S̄ = P (P̄ - Σ P P̄) / √d`, `Q̄ = S̄ K`, `K̄ = S̄ᵀ Q`

use gradus_tensor::{
    AttentionMask, AttentionPass, Float, Tensor, attention, attention_grad, self_attention,
    self_attention_grad,
};

use crate::{At, Attributes, In, Op, Result, Saving, Var, apply};

#[derive(Debug)]
struct Attention {
    mask: AttentionMask,
}

impl<T: Float> Op<T> for Attention {
    type Inputs = [In; 3];
    type Output = Saving<Tensor<T>, AttentionPass<T>>;
    const NAME: &'static str = "attention";

    fn forward(&self, [q, k, v]: [&Tensor<T>; 3]) -> Result<Saving<Tensor<T>, AttentionPass<T>>> {
        let pass = attention(q, k, v, &self.mask)?;
        Ok(Saving(pass.output.clone(), pass))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 3]> {
        let inputs = at.inputs()?;
        Ok(written_out(inputs.each_ref(), &self.mask, grad)?.map(Some))
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 3]> {
        Ok(attention_grad(at.values()?, &self.mask, at.saved, &grad)?.map(Some))
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("mask", &*format!("{:?}", self.mask))
    }
}

/// Queries, keys and values of a sequence side by side.
#[derive(Debug)]
struct SelfAttention {
    heads: usize,
    mask: AttentionMask,
}

impl<T: Float> Op<T> for SelfAttention {
    type Inputs = [In; 1];
    type Output = Saving<Tensor<T>, AttentionPass<T>>;
    const NAME: &'static str = "self_attention";

    fn forward(&self, [qkv]: [&Tensor<T>; 1]) -> Result<Saving<Tensor<T>, AttentionPass<T>>> {
        let pass = self_attention(qkv, self.heads, &self.mask)?;
        Ok(Saving(pass.output.clone(), pass))
    }

    fn vjp(&self, at: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        let [qkv] = at.inputs()?;
        let &[n, t, all] = at.shape(0) else { return Ok([None]) };
        let (h, d) = (self.heads, all / (3 * self.heads));
        let parts = qkv.reshape([n, t, 3, h, d])?.permute(&[2, 0, 3, 1, 4])?;
        let parts = [parts.index(0, 0)?, parts.index(0, 1)?, parts.index(0, 2)?];
        let grad = grad.reshape([n, t, h, d])?.transpose(1, 2)?;
        let grads = written_out(parts.each_ref(), &self.mask, &grad)?;
        let grads = Var::stack(&grads.each_ref(), 0)?.permute(&[1, 3, 0, 2, 4])?;
        Ok([Some(grads.reshape([n, t, all])?)])
    }

    fn vjp_fused(&self, at: &At<'_, T, Self>, grad: Tensor<T>) -> Result<[Option<Tensor<T>>; 1]> {
        let [qkv] = at.values()?;
        let grad = self_attention_grad(qkv, self.heads, &self.mask, at.saved, &grad)?;
        Ok([Some(grad)])
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("heads", self.heads).with("mask", &*format!("{:?}", self.mask))
    }
}

/// The weights `P`.
fn weights<T: Float>(q: &Var<T>, k: &Var<T>, mask: &AttentionMask) -> Result<Var<T>> {
    let scores = q.scale(scale(q)).matmul(&k.transpose(2, 3)?)?;
    let Some(seen) = mask.pairs([q.shape()[2], k.shape()[2]])? else { return scores.softmax(3) };
    let hidden = Var::constant(Tensor::scalar(T::LOWEST));
    let weights = Var::choose(&seen, &scores, &hidden)?.softmax(3)?;
    // A query that sees no key has weights of 0 / 0 here: it takes none.
    Var::choose(&seen, &weights, &Var::constant(Tensor::scalar(T::ZERO)))
}

fn scale<T: Float>(q: &Var<T>) -> T {
    T::from_f64(1.0 / (q.shape()[3].max(1) as f64).sqrt())
}

/// Keys or values, zero where a mask hides them: there they may hold anything.
fn there<T: Float>(of: &Var<T>, mask: &AttentionMask) -> Result<Var<T>> {
    // The last query sees all keys, as far as time goes.
    let keys = of.shape()[2];
    let Some(there) = mask.pairs([1, keys])? else { return Ok(of.clone()) };
    let there = there.reshape([there.shape()[0], 1, keys, 1])?;
    Var::choose(&there, of, &Var::constant(Tensor::scalar(T::ZERO)))
}

/// The derivatives in simple operations.
fn written_out<T: Float>(
    [q, k, v]: [&Var<T>; 3],
    mask: &AttentionMask,
    grad: &Var<T>,
) -> Result<[Var<T>; 3]> {
    let (k, v) = (&there(k, mask)?, &there(v, mask)?);
    let p = weights(q, k, mask)?;
    let dp = grad.matmul(&v.transpose(2, 3)?)?;
    let dots = p.mul(&dp)?.sum_axes(&[3], true)?;
    let ds = p.mul(&dp.sub(&dots)?)?.scale(scale(q));
    let dv = p.transpose(2, 3)?.matmul(grad)?;
    Ok([ds.matmul(k)?, ds.transpose(2, 3)?.matmul(q)?, dv])
}

impl<T: Float> Var<T> {
    /// For each of these queries, `[N, heads, Tq, d]`, a mean of the values, `[N, heads, Tk, e]`,
    /// weighted by `softmax(Q Kᵀ / √d)` with the keys, `[N, heads, Tk, d]`. The result is
    /// `[N, heads, Tq, e]`; in memory its heads lie behind its tokens. No matrix of the size
    /// `Tq × Tk` is made.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::{AttentionMask, Tensor};
    /// let q = Var::from(Tensor::<f32>::zeros([1, 1, 2, 4]));
    /// let v = Var::leaf(Tensor::from_vec(vec![1.0, 3.0], [1, 1, 2, 1])?);
    /// let y = q.attention(&q, &v, AttentionMask::causal())?;
    /// assert_eq!(y.value().to_vec(), [1.0, 2.0]);
    /// assert_eq!(y.sum().backward()?.of(&v).unwrap().to_vec(), [1.5, 0.5]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the shapes do not fit each other, or the mask does not.
    pub fn attention(&self, keys: &Var<T>, values: &Var<T>, mask: AttentionMask) -> Result<Var<T>> {
        apply!(Attention { mask }, [self, keys, values])
    }

    /// [`attention`](Var::attention) of a sequence to itself: this is `[N, T, 3 · heads · d]`, of each
    /// token the queries of all heads, their keys, and their values, as one linear layer makes them.
    /// The result is `[N, T, heads · d]`.
    ///
    /// # Errors
    /// If it has another shape, or the mask does not fit.
    pub fn self_attention(&self, heads: usize, mask: AttentionMask) -> Result<Var<T>> {
        apply!(SelfAttention { heads, mask }, [self])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    fn three([n, h, tq, tk, d, e]: [usize; 6]) -> [Tensor<f64>; 3] {
        [normal([n, h, tq, d], 1), normal([n, h, tk, d], 2), normal([n, h, tk, e], 3)]
    }

    #[test]
    fn properties() {
        let there = Tensor::from_vec(vec![true, false, true, true, true, false], [2, 3]).unwrap();
        let causal = AttentionMask::causal();
        for mask in [AttentionMask::none(), causal.clone().keys(there.clone()), causal] {
            let same = mask.clone();
            cases!([mask] "attention", move |x| x[0].attention(&x[1], &x[2], mask.clone()))
                .equals(move |x| weights(&x[0], &x[1], &same)?.matmul(&x[2]))
                .only_small()
                .on("two heads", three([2, 2, 3, 3, 2, 2]))
                .on("fewer queries", three([2, 1, 2, 3, 2, 1]))
                .on("more queries", three([2, 1, 4, 3, 1, 2]))
                .refuses(
                    "other keys",
                    [normal([2, 1, 3, 2], 1), normal([2, 1, 3, 4], 2), normal([2, 1, 3, 2], 3)],
                    "attention: got shape [2, 1, 3, 4], wanted keys that fit the queries",
                )
                .check();
        }
        cases!("self_attention", |x| x[0].self_attention(2, AttentionMask::causal()))
            .equals(|x| {
                let [n, t] = [x[0].shape()[0], x[0].shape()[1]];
                let part = |i: usize| {
                    let x = x[0].reshape([n, t, 3, 2, 3])?.index(2, i)?;
                    x.transpose(1, 2)
                };
                let y = part(0)?.attention(&part(1)?, &part(2)?, AttentionMask::causal())?;
                y.transpose(1, 2)?.reshape([n, t, 6])
            })
            .only_small()
            .on("two heads", [normal([2, 3, 18], 1)])
            .on("no samples", [normal([0, 3, 18], 1)])
            .refuses("an odd size", [normal([2, 3, 16], 1)], "wanted [samples, tokens, 3 · 2 heads")
            .check();
    }
}
