//! From one type of float to the other. The gradient is cast back.

use std::sync::Arc;

use gradus_tensor::{Element, Float, concrete};

use super::backward::Step;
use super::node::{Arrived, Links, Node};
use super::operation::{Tell, links};
use super::{AnyVar, Origin, Value};
use crate::arity::PerOutput;
use crate::{Attributes, Error, Keeps, Result, Var, mode};

impl<T: Float> Var<T> {
    /// The same numbers as another type of float, rounded if need be. The gradient comes back in the
    /// type of this variable.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::vector([1.0_f32, 3.0]));
    /// let precise = x.cast::<f64>().square().sum();        // the sum of squares in f64
    /// let gradients = precise.backward()?.of_type::<f32>();
    /// assert_eq!(gradients.of(&x).unwrap().to_vec(), [2.0, 6.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn cast<U: Float>(&self) -> Var<U> {
        let any = concrete!(to_both: fn(&Var<T>, bool) -> AnyVar)(self, U::NAME == f64::NAME);
        match any.into_var() {
            Some(y) => y,
            None => unreachable!("floats are f32 and f64"),
        }
    }
}

fn to_both<T: Float>(x: &Var<T>, to_f64: bool) -> AnyVar {
    match to_f64 {
        _ if to_f64 == (T::NAME == f64::NAME) => x.clone().into(),
        true => recorded::<T, f64>(x).into(),
        false => recorded::<T, f32>(x).into(),
    }
}

fn recorded<T: Float, U: Float>(x: &Var<T>) -> Var<U> {
    let start = mode::start();
    let y = x.value().cast::<U>();
    let outputs = std::slice::from_ref(&y);
    let node = links::<T, U>(start, &Cast { to: U::NAME }, &[Some(x)], outputs)
        .map(|links| Arc::new(CastNode { links, from: T::NAME, to: U::NAME }) as Arc<dyn Node>);
    Var::with_origin(y, node.map(Origin::first))
}

struct Cast {
    to: &'static str,
}

impl Tell for Cast {
    fn name(&self) -> &'static str {
        "cast"
    }
    fn attributes(&self) -> Attributes {
        Attributes::new().with("to", self.to)
    }
    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }
}

/// Its inputs are of one type and its outputs of the other, so it is no [`Op`](crate::Op).
struct CastNode {
    links: Links,
    from: &'static str,
    to: &'static str,
}

impl Node for CastNode {
    fn links(&self) -> &Links {
        &self.links
    }
    fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }
    fn name(&self) -> &'static str {
        "cast"
    }
    fn attributes(&self) -> Attributes {
        Cast { to: self.to }.attributes()
    }

    fn backward(&self, this: &Arc<dyn Node>, arrived: Arrived, step: &mut Step<'_>) -> Result<()> {
        let grad = arrived.into_iter().next().flatten();
        let grad = grad.map(|grad| cast_any(grad, self.from));
        step.give(&mut 0, grad);
        step.finish(this, 1)
    }

    fn replay(&self, inputs: &[Option<Value>]) -> Result<PerOutput<Value>> {
        match inputs {
            [Some(x)] => {
                let x = AnyVar { value: x.clone(), origin: None };
                Ok(smallvec::smallvec![cast_any(x, self.to).value])
            }
            _ => Err(Error::NotKept { op: "cast", what: "input", place: 0 }),
        }
    }
}

/// The variable as another type of float, which is named.
pub(crate) fn cast_any(x: AnyVar, to: &'static str) -> AnyVar {
    let AnyVar { value, origin } = x;
    match value {
        Value::F32(value) => to_both(&Var::with_origin(value, origin), to == f64::NAME),
        Value::F64(value) => to_both(&Var::with_origin(value, origin), to == f64::NAME),
    }
}
