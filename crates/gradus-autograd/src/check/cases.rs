//! Every property that an operation must have, over a list of inputs.

use gradus_tensor::Tensor;

use super::differences::{constants, first_order, gradients};
use super::inputs::normal;
use super::precision::{Single, compare};
use crate::graph::Mode;
use crate::{Error, Result, Var};

type Function = Box<super::differences::Function<'static>>;

/// A function of variables, and the inputs on which it is checked.
///
/// ```
/// use gradus_autograd::check::{Cases, inputs};
/// Cases::new("mul", |x| x[0].mul(&x[1]))
///     .on("equal shapes", [inputs::normal([2, 3], 1), inputs::normal([2, 3], 2)])
///     .on("a row", [inputs::normal([2, 3], 1), inputs::normal([3], 2)])
///     .refuses(
///         "other shapes",
///         [inputs::normal([2, 3], 1), inputs::normal([2], 2)],
///         "mul: shapes [2, 3] and [2] do not broadcast",
///     )
///     .check();
/// ```
pub struct Cases {
    name: &'static str,
    function: Function,
    definition: Option<Function>,
    single: Option<Box<Single>>,
    only_small: bool,
    on: Vec<(String, Vec<Tensor<f64>>)>,
    refused: Vec<(String, Vec<Tensor<f64>>, String)>,
}

impl Cases {
    /// A function to be checked.
    pub fn new(
        name: &'static str,
        function: impl Fn(&[Var<f64>]) -> Result<Var<f64>> + 'static,
    ) -> Self {
        Self {
            name,
            function: Box::new(function),
            definition: None,
            single: None,
            only_small: false,
            on: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// The same function in simpler operations: values and derivatives must agree.
    pub fn equals(
        mut self,
        definition: impl Fn(&[Var<f64>]) -> Result<Var<f64>> + 'static,
    ) -> Self {
        self.definition = Some(Box::new(definition));
        self
    }

    /// The same function in single precision: on every case, and on inputs far from zero, large and tiny, it
    /// must be off by no more than 24 times what rounding of the inputs changes. A tenth of the largest such error
    /// is allowed everywhere, and for a gradient the size of the output over that of the input.
    pub fn single(mut self, function: impl Fn(&[Var<f32>]) -> Result<Var<f32>> + 'static) -> Self {
        self.single = Some(Box::new(function));
        self
    }

    /// Leaves out large inputs in single precision: where the gradient is a difference of numbers far larger
    /// than itself, as that of a softmax which has chosen.
    #[must_use]
    pub fn only_small(mut self) -> Self {
        self.only_small = true;
        self
    }

    /// Checks on these inputs.
    pub fn on(mut self, case: &str, inputs: impl Into<Vec<Tensor<f64>>>) -> Self {
        self.on.push((case.to_string(), inputs.into()));
        self
    }

    /// Checks that these inputs give an error whose message contains `says`.
    pub fn refuses(mut self, case: &str, inputs: impl Into<Vec<Tensor<f64>>>, says: &str) -> Self {
        self.refused.push((case.to_string(), inputs.into(), says.to_string()));
        self
    }

    /// Runs every property on every case.
    ///
    /// # Panics
    /// With the name of the case and the property, if one does not hold.
    #[track_caller]
    pub fn check(self) {
        if let Err(e) = self.verify() {
            panic!("{e}");
        }
    }

    /// Runs every property on every case.
    ///
    /// # Errors
    /// [`Error::Check`] with the name of the case and the property, if one does not hold.
    pub fn verify(&self) -> Result<()> {
        for (case, inputs) in &self.on {
            self.properties(inputs).map_err(|e| self.failed(case, e.to_string()))?;
        }
        for (case, inputs, says) in &self.refused {
            match (self.function)(&constants(inputs)) {
                Ok(_) => return Err(self.failed(case, "it must give an error, and does not")),
                Err(e) if !e.to_string().contains(says) => {
                    return Err(self.failed(case, format!("the error {e:?} does not say {says:?}")));
                }
                Err(_) => {}
            }
        }
        match self.on.is_empty() {
            true => Err(self.failed("none", "there is nothing to check")),
            false => Ok(()),
        }
    }

    fn failed(&self, case: &str, detail: impl Into<String>) -> Error {
        Error::Check { what: format!("{} on {case}", self.name), detail: detail.into() }
    }

    fn properties(&self, inputs: &[Tensor<f64>]) -> Result<()> {
        let formula = Mode { differentiable: false, fused: false };
        let f = &*self.function;
        if let Some(single) = &self.single {
            compare(f, single, inputs, self.only_small)?;
        }
        first_order(f, inputs, Mode::FIRST, "derivative")?;
        first_order(f, inputs, formula, "derivative by its formula")?;
        super::second(f, inputs)?;

        let value = f(&constants(inputs))?.into_value();
        let weight = normal(value.shape(), 7);
        let all = vec![true; inputs.len()];
        let fused = gradients(f, inputs, &all, Mode::FIRST, &weight)?;
        let plain = gradients(f, inputs, &all, formula, &weight)?;
        near("the fused derivative and its formula", &fused, &plain)?;

        // Those that can be differentiated again are not looked at by the differences above.
        let again = gradients(f, inputs, &all, Mode::AGAIN, &weight)?;
        near("the derivative and the one to be differentiated again", &fused, &again)?;

        if let Some(definition) = &self.definition {
            let defined = definition(&constants(inputs))?.into_value();
            near("the value and its definition", std::slice::from_ref(&value), &[defined])?;
            let defined = gradients(definition, inputs, &all, Mode::FIRST, &weight)?;
            near("the derivative and that of the definition", &fused, &defined)?;
        }
        // Asking for fewer gradients must not change the others.
        for mask in masks(inputs.len()) {
            let tracked: Vec<bool> = (0..inputs.len()).map(|i| mask >> i & 1 == 1).collect();
            for mode in [Mode::FIRST, formula] {
                let some = gradients(f, inputs, &tracked, mode, &weight)?;
                let wanted = |all: &[Tensor<f64>]| -> Vec<Tensor<f64>> {
                    let picked = all.iter().zip(&tracked).filter(|(_, t)| **t);
                    picked.map(|(g, _)| g.clone()).collect()
                };
                near("gradients asked for alone and together", &wanted(&some), &wanted(&fused))?;
            }
        }
        for (how, strided) in [("reversed axes", reversed_axes as Relayout), ("gaps", with_gaps)] {
            let other: Vec<_> = inputs.iter().map(strided).collect::<Result<_>>()?;
            let what = format!("contiguous input and input with {how} in memory");
            near(&what, &[f(&constants(&other))?.into_value()], std::slice::from_ref(&value))?;
            near(&what, &gradients(f, &other, &all, Mode::FIRST, &weight)?, &fused)?;
        }
        Ok(())
    }
}

/// Which inputs are asked for: every choice of up to four; of more, each alone, and all but each.
fn masks(inputs: usize) -> Vec<usize> {
    let all = (1 << inputs) - 1;
    match inputs {
        0..=4 => (1..=all).collect(),
        _ => (0..inputs).flat_map(|i| [1 << i, all & !(1 << i)]).collect(),
    }
}

type Relayout = fn(&Tensor<f64>) -> Result<Tensor<f64>>;

/// The same values with the axes in the opposite order in memory.
fn reversed_axes(x: &Tensor<f64>) -> Result<Tensor<f64>> {
    let order: Vec<isize> = (0..x.rank() as isize).rev().collect();
    Ok(x.permute(&order)?.contiguous().permute(&order)?)
}

/// The same values with another number after each in memory, and stored backward.
fn with_gaps(x: &Tensor<f64>) -> Result<Tensor<f64>> {
    if x.rank() == 0 {
        return Ok(x.clone());
    }
    let mut shape = x.shape().to_vec();
    shape.push(2);
    let wide = x.flip(-1)?.unsqueeze(-1)?.expand(shape)?.contiguous();
    Ok(wide.index(-1, 1)?.flip(-1)?)
}

fn near(what: &str, left: &[Tensor<f64>], right: &[Tensor<f64>]) -> Result<()> {
    for (l, r) in left.iter().zip(right) {
        let far = |l: f64, r: f64| {
            (l - r).is_nan() || (l - r).abs() > 1e-9 * (1.0 + l.abs().max(r.abs()))
        };
        if l.shape() != r.shape() || l.zip("compare", r, far)?.any() {
            let detail = format!("they differ: {l:?} and {r:?}");
            return Err(Error::Check { what: what.to_string(), detail });
        }
    }
    Ok(())
}

/// [`Cases::new`] and [`Cases::single`] with one closure, which is compiled for both types of number.
#[cfg(test)]
macro_rules! cases {
    ($name:expr, $function:expr $(,)?) => {
        $crate::check::Cases::new($name, $function).single($function)
    };
    // What the closure takes with it, for each type a copy.
    ([$($captured:ident),*] $name:expr, $function:expr $(,)?) => {{
        let cases = {
            $(let $captured = $captured.clone();)*
            $crate::check::Cases::new($name, $function)
        };
        cases.single($function)
    }};
}
#[cfg(test)]
pub(crate) use cases;
