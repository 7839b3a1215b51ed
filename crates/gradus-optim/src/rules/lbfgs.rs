//! L-BFGS: Newton's direction from the changes of the gradient over the last steps. With `s` and `y` the changes of parameter and
//! gradient, newest last, and `ρ = 1 / y·s`:
//!
//! ```text
//! q = −g;   newest to oldest:  a = ρ s·q,  q ← q − a y;   r = q · (y·s / y·y) of the newest
//! oldest to newest:  b = ρ y·r,  r ← r + (a − b) s;       w ← w + t r
//! ```
//!
//! Nocedal, *Updating quasi-Newton matrices with limited storage*, 1980; Nocedal and Wright, *Numerical optimization*, 2006, algorithms 7.4
//! and 7.5. The step `t` is the learning rate, or is searched for (`wolfe.rs`). When to stop is as in PyTorch. One step of
//! the optimizer is up to `max_iter` of these, so it needs [`step_with`](crate::Optimizer::step_with), with a loss that has no
//! chance in it.

use gradus_tensor::{Float, Tensor};

use super::wolfe::{Point, search};
use crate::clip::dot;
use crate::whole::combined;
use crate::{All, At, Error, Formula, Result, Settings, choices, rule};

choices! {
    /// How [`Lbfgs`] finds the length of a step.
    pub enum Search {
        /// It is the learning rate.
        Fixed = "fixed",
        /// The strong conditions of Wolfe hold.
        StrongWolfe = "strong_wolfe",
    }
}

/// L-BFGS.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::{Lbfgs, Search};
/// use gradus_tensor::Tensor;
///
/// // Rosenbrock's valley.
/// let mut w = Param::new(Tensor::vector([-1.2_f64, 1.0]));
/// let mut lbfgs = Lbfgs::new(1.0).search(Search::StrongWolfe).optimizer();
/// for _ in 0..5 {
///     lbfgs.step_with(&mut w, |w| {
///         let (x, y) = (w.var().slice(0, 0..1)?, w.var().slice(0, 1..2)?);
///         let valley = y.sub(&x.square())?.square().scale(100.0);
///         Ok(x.affine(-1.0, 1.0).square().add(&valley)?.sum())
///     })?;
/// }
/// assert!(w.value().to_vec().iter().all(|w| (w - 1.0).abs() < 1e-3));
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Settings, Debug, Clone, Copy, PartialEq)]
#[settings(torch = "optim.LBFGS", source = "Nocedal and Wright, 2006, algorithms 7.4 and 7.5")]
pub struct Lbfgs {
    /// The length of a step, or the first that the search tries; 1 is usual.
    #[at_least(0)]
    lr: f64,
    /// How many directions one step of the optimizer goes.
    #[at_least(1)]
    #[default(20)]
    max_iter: usize,
    /// How often it may compute the loss; `None` is a quarter more than the directions.
    #[at_least(1)]
    max_eval: Option<usize>,
    /// The largest element of a gradient that counts as none.
    #[at_least(0)]
    #[default(1e-7)]
    tolerance_grad: f64,
    /// The least change of loss or parameters that is worth going on for.
    #[at_least(0)]
    #[default(1e-9)]
    tolerance_change: f64,
    /// How many changes it remembers.
    #[at_least(1)]
    #[default(100)]
    history: usize,
    /// How the length of a step is found.
    #[default(Search::Fixed)]
    search: Search,
}

/// The parameters' tensors, taken as one vector.
type Vector<T> = Vec<Tensor<T>>;

fn product<T: Float>(a: &Vector<T>, b: &Vector<T>) -> f64 {
    a.iter().zip(b).map(|(a, b)| dot(a, b)).sum()
}

/// `a + factor · b`.
fn plus<T: Float>(a: &Vector<T>, b: &Vector<T>, factor: f64) -> Result<Vector<T>> {
    a.iter().zip(b).map(|(a, b)| combined("Lbfgs", [1.0, factor], a, b)).collect()
}

fn times<T: Float>(a: &Vector<T>, factor: f64) -> Vector<T> {
    a.iter().map(|a| a * T::from_f64(factor)).collect()
}

/// The largest element, and the sum of all, by size; NaN if there is one.
fn sizes<T: Float>(a: &Vector<T>) -> [f64; 2] {
    a.iter().flat_map(Tensor::to_vec).fold([0.0, 0.0], |[most, sum], x| {
        let x = x.to_f64().abs();
        [if x > most || x.is_nan() { x } else { most }, sum + x]
    })
}

/// What is remembered from one direction to the next. It is kept in the states of the parameters (direction and gradient, then all
/// changes of the parameter, then of the gradient) and in the numbers of the whole.
struct Memory<T: Float> {
    direction: Vector<T>,
    gradient: Vector<T>,
    s: Vec<Vector<T>>,
    y: Vec<Vector<T>>,
    /// The length of the last step, the scale of the newest change, and how many directions there were.
    t: f64,
    scale: f64,
    count: f64,
}

impl<T: Float> Memory<T> {
    /// Nothing at all, if what is kept does not belong together: a parameter was trained later than others, say.
    fn load(all: &All<'_, T>) -> Self {
        let kept = all.params.first().map_or(0, |at| at.state.len());
        let whole = kept >= 2 && all.params.iter().all(|at| at.state.len() == kept);
        let (&[t, scale, count], true) = (&all.numbers[..], whole) else {
            let (direction, gradient) = (Vec::new(), Vec::new());
            let (s, y) = (Vec::new(), Vec::new());
            return Self { direction, gradient, s, y, t: 0.0, scale: 1.0, count: 0.0 };
        };
        let of = |i: usize| all.params.iter().map(|at| at.state[i].clone()).collect::<Vector<T>>();
        let changes = (kept - 2) / 2;
        let s = (0..changes).map(|i| of(2 + i)).collect();
        let y = (0..changes).map(|i| of(2 + changes + i)).collect();
        Self { direction: of(0), gradient: of(1), s, y, t, scale, count }
    }

    fn save(self, all: &mut All<'_, T>) {
        *all.numbers = vec![self.t, self.scale, self.count];
        let vectors = [self.direction, self.gradient].into_iter().chain(self.s).chain(self.y);
        all.params.iter_mut().for_each(|at| at.state.clear());
        for vector in vectors {
            all.params.iter_mut().zip(vector).for_each(|(at, tensor)| at.state.push(tensor));
        }
    }

    /// Takes the last change up, and gives the next direction.
    fn turn(&mut self, gradient: &Vector<T>, history: usize) -> Result<Vector<T>> {
        self.count += 1.0;
        if self.count == 1.0 {
            return Ok(times(gradient, -1.0));
        }
        let y = plus(gradient, &self.gradient, -1.0)?;
        let s = times(&self.direction, self.t);
        let ys = product(&y, &s);
        if ys > 1e-10 {
            if self.s.len() >= history {
                self.s.remove(0);
                self.y.remove(0);
            }
            self.scale = ys / product(&y, &y);
            self.s.push(s);
            self.y.push(y);
        }
        let mut r = times(gradient, -1.0);
        let mut steps = Vec::new();
        for (s, y) in self.s.iter().zip(&self.y).rev() {
            let rho = 1.0 / product(y, s);
            let a = product(s, &r) * rho;
            r = plus(&r, y, -a)?;
            steps.push((s, y, rho, a));
        }
        r = times(&r, self.scale);
        for (s, y, rho, a) in steps.into_iter().rev() {
            r = plus(&r, s, a - product(y, &r) * rho)?;
        }
        Ok(r)
    }
}

/// The gradients, scaled.
fn gradients<T: Float>(all: &All<'_, T>) -> Vector<T> {
    all.params.iter().map(|at| &at.grad * T::from_f64(at.step.grad_scale)).collect()
}

impl Lbfgs {
    fn go<T: Float>(&self, all: &mut All<'_, T>, memory: &mut Memory<T>) -> Result<()> {
        let Self { tolerance_grad, tolerance_change, max_iter, .. } = *self;
        let max_eval = self.max_eval.unwrap_or(max_iter.saturating_mul(5) / 4);
        let lr = all.params.first().map_or(0.0, |at| at.step.lr);
        let up = all.params.first().is_some_and(|at| at.step.grad_scale < 0.0);
        let sign = if up { -1.0 } else { 1.0 };
        let mut loss = all.loss().ok_or(Error::NeedsLoss)? * sign;
        let mut gradient = gradients(all);
        let mut evaluations = 1;
        if sizes(&gradient)[0] <= tolerance_grad {
            return Ok(());
        }
        for i in 1..=max_iter {
            let direction = memory.turn(&gradient, self.history)?;
            let before = loss;
            memory.t = match memory.count == 1.0 {
                true => (1.0 / sizes(&gradient)[1]).min(1.0) * lr,
                false => lr,
            };
            let slope = product(&gradient, &direction);
            (memory.gradient, memory.direction) = (gradient.clone(), direction);
            // NaN is no descent either.
            if slope.is_nan() || slope > -tolerance_change {
                break;
            }
            let here: Vector<T> = all.params.iter().map(|at| at.param.clone()).collect();
            let size = sizes(&memory.direction)[0];
            let mut last = i == max_iter;
            match self.search {
                Search::Fixed => {
                    move_to(all, plus(&here, &memory.direction, memory.t)?);
                    if !last {
                        loss = all.evaluate()? * sign;
                        gradient = gradients(all);
                        evaluations += 1;
                    }
                }
                Search::StrongWolfe => {
                    let start = Point { t: 0.0, f: loss, slope, grad: gradient.clone() };
                    let found = search(&start, memory.t, [size, tolerance_change], |t| {
                        move_to(all, plus(&here, &memory.direction, t)?);
                        let f = all.evaluate()? * sign;
                        evaluations += 1;
                        let grad = gradients(all);
                        Ok(Point { t, f, slope: product(&grad, &memory.direction), grad })
                    })?;
                    move_to(all, plus(&here, &memory.direction, found.t)?);
                    (memory.t, loss, gradient) = (found.t, found.f, found.grad);
                }
            }
            last |= evaluations >= max_eval || sizes(&gradient)[0] <= tolerance_grad;
            last |= size * memory.t.abs() <= tolerance_change;
            if last || (loss - before).abs() < tolerance_change {
                break;
            }
        }
        Ok(())
    }
}

fn move_to<T: Float>(all: &mut All<'_, T>, values: Vector<T>) {
    all.params.iter_mut().zip(values).for_each(|(at, value)| at.param = value);
}

impl Formula for Lbfgs {
    fn update<T: Float>(&self, _at: &mut At<T>) -> Result<()> {
        Err(Error::NeedsLoss)
    }

    fn update_all<T: Float>(&self, all: &mut All<'_, T>) -> Result<()> {
        let mut memory = Memory::load(all);
        self.go(all, &mut memory)?;
        if memory.count > 0.0 {
            memory.save(all);
        }
        Ok(())
    }

    /// Direction and gradient, and as many changes of the one as of the other.
    fn fits<T: Float>(&self, param: &Tensor<T>, state: &[Tensor<T>]) -> bool {
        state.len().is_multiple_of(2) && state.iter().all(|tensor| tensor.shape() == param.shape())
    }
}
rule!(Lbfgs);
