//! Every operation, forward and backward, with arguments that nobody should give: it answers, with a value or
//! an error. No panic, no end of the process, no hang.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gradus_autograd::*;
use gradus_tensor::{Activation, AttentionMask, Conv2dSpec, ConvSpec, Pool2dSpec, Rng, Tensor};

/// How often each operation is called.
const CALLS: u64 = 200;

/// A source of arguments, the same in every run.
struct Absurd(Rng);

impl Absurd {
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len())].clone()
    }
    fn yes(&mut self) -> bool {
        self.one(&[false, true])
    }
    fn axis(&mut self) -> isize {
        self.one(&[0, 0, 1, 2, -1, -1, -2, 7, isize::MIN, isize::MAX])
    }
    fn axes(&mut self) -> Vec<isize> {
        (0..self.one(&[0, 1, 1, 2, 3])).map(|_| self.axis()).collect()
    }
    fn size(&mut self) -> usize {
        match self.0.below(4) {
            0 => self.one(&[1 << 50, 1 << 62, isize::MAX as usize, usize::MAX - 1, usize::MAX]),
            _ => self.one(&[0, 1, 1, 2, 3, 4, 5, 7]),
        }
    }
    fn small(&mut self) -> usize {
        self.one(&[0, 1, 1, 2, 2, 3, 4])
    }
    fn shape(&mut self) -> Vec<usize> {
        (0..self.one(&[0, 1, 1, 2, 3, 4])).map(|_| self.size()).collect()
    }
    fn number(&mut self) -> f32 {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, -0.0];
        if self.0.below(3) == 0 { self.one(&odd) } else { self.one(&[0.0, 0.5, 1.0, -1.0, 3.0]) }
    }
    fn of(&mut self, shape: &[usize]) -> Var {
        let n: usize = shape.iter().product();
        let values = (0..n).map(|_| self.number()).collect();
        Var::leaf(Tensor::from_vec(values, shape).unwrap())
    }
    fn x(&mut self) -> Var {
        let rank = self.one(&[0, 1, 1, 2, 2, 3, 4, 4, 5]);
        self.ranked(rank)
    }
    fn ranked(&mut self, rank: usize) -> Var {
        let mut shape: Vec<usize> = (0..rank).map(|_| self.small()).collect();
        if rank > 1 && self.0.below(10) == 0 {
            shape = vec![1; rank];
            shape[0] = 0;
            shape[1] = 1 << 40;
        }
        self.of(&shape)
    }
    fn like(&mut self, shape: &[usize]) -> Var {
        let few = shape.iter().try_fold(1_usize, |n, &m| n.checked_mul(m));
        let few = few.is_some_and(|n| n < 1000);
        if few && self.0.below(5) > 0 { self.of(shape) } else { self.x() }
    }
    fn index(&mut self) -> Tensor<i64> {
        let shape: Vec<usize> = (0..self.one(&[0, 1, 1, 2, 3])).map(|_| self.small()).collect();
        let n = shape.iter().product();
        let values = (0..n).map(|_| self.one(&[0, 0, 0, 1, 1, 2, -1, -100, i64::MIN, i64::MAX]));
        Tensor::from_vec(values.collect(), shape).unwrap()
    }
    fn truth(&mut self) -> Tensor<bool> {
        let shape = [self.small(), self.small()];
        let values = (0..shape[0] * shape[1]).map(|_| self.yes()).collect();
        Tensor::from_vec(values, shape).unwrap()
    }
    fn mask(&mut self) -> AttentionMask {
        let mask = if self.yes() { AttentionMask::causal() } else { AttentionMask::none() };
        if self.yes() { mask } else { mask.keys(self.truth()) }
    }
    fn reduction(&mut self) -> Reduction {
        self.one(&[Reduction::Mean, Reduction::Sum, Reduction::None])
    }
    fn conv(&mut self) -> Conv2dSpec {
        if self.yes() {
            return Conv2dSpec::new();
        }
        let spec = Conv2dSpec::new().stride([self.size(), self.small()]);
        let spec = spec.padding([[self.small(), self.size()], [self.small(); 2]]);
        spec.dilation([self.size(), self.small()]).groups(self.size())
    }
    fn pool(&mut self) -> Pool2dSpec {
        let spec = Pool2dSpec::new([self.size(), self.small()]).stride([self.size(), self.small()]);
        spec.padding([[self.small(), self.size()], [self.small(); 2]])
    }
}

/// What an operation gives, as one variable.
trait Answer {
    fn variables(self) -> Vec<Var>;
}
impl Answer for Var {
    fn variables(self) -> Vec<Var> {
        vec![self]
    }
}
impl<const N: usize> Answer for [Var; N] {
    fn variables(self) -> Vec<Var> {
        self.into()
    }
}
impl Answer for Vec<Var> {
    fn variables(self) -> Vec<Var> {
        self
    }
}
impl<A> Answer for (Var, A) {
    fn variables(self) -> Vec<Var> {
        vec![self.0]
    }
}
impl<A, B> Answer for (Var, A, B) {
    fn variables(self) -> Vec<Var> {
        vec![self.0]
    }
}

/// Forward, and backward through whatever came out; whether all of it gave values.
fn run<A: Answer>(result: Result<A>) -> bool {
    let Ok(answer) = result else { return false };
    answer.variables().into_iter().all(|y| !y.is_tracked() || y.sum().backward().is_ok())
}

type Call = (&'static str, fn(&mut Absurd) -> bool);

macro_rules! calls {
    ($($name:ident: |$a:ident| $call:expr;)*) => {
        const CALLED: &[Call] = &[$((stringify!($name), |$a: &mut Absurd| run($call))),*];
    };
}

calls! {
    add: |a| a.x().add(&a.x());
    sub: |a| a.x().sub(&a.x());
    mul: |a| a.x().mul(&a.x());
    div: |a| a.x().div(&a.x());
    maximum: |a| a.x().maximum(&a.x());
    minimum: |a| a.x().minimum(&a.x());
    matmul: |a| a.x().matmul(&a.x());
    choose: |a| Var::choose(&a.truth(), &a.x(), &a.x());
    prelu: |a| { let x = a.x(); x.prelu(&a.x()) };
    linear: |a| { let (x, w) = (a.x(), a.ranked(2)); let b = a.like(&w.shape()[..1]); x.linear(&w, &b) };
    linear_gelu: |a| { let (x, w) = (a.x(), a.ranked(2)); x.linear_gelu(&w, None) };
    conv1d: |a| {
        let (stride, pad) = (a.size(), a.size());
        let spec = ConvSpec::<1>::new().stride(stride).padding(pad).groups(a.small());
        a.ranked(3).conv1d(&a.ranked(3), None, spec)
    };
    conv2d: |a| { let spec = a.conv(); a.ranked(4).conv2d(&a.ranked(4), None, spec) };
    conv2d_with: |a| {
        let (w, spec) = (a.ranked(4), a.conv());
        let bias = a.like(&w.shape()[..1]);
        a.ranked(4).conv2d_with(&w, &bias, Activation::Relu, spec)
    };
    conv2d_input_grad: |a| {
        let (spec, shape) = (a.conv(), if a.yes() { a.shape() } else { vec![2, 1, 3, 3] });
        a.ranked(4).conv2d_input_grad(&a.ranked(4), &shape, spec)
    };
    conv2d_weight_grad: |a| {
        let (spec, shape) = (a.conv(), if a.yes() { a.shape() } else { vec![2, 1, 2, 2] });
        a.ranked(4).conv2d_weight_grad(&a.ranked(4), &shape, spec)
    };
    conv_transpose2d: |a| {
        let (spec, extra) = (a.conv(), [a.size(), a.small()]);
        a.ranked(4).conv_transpose2d(&a.ranked(4), None, spec, extra)
    };
    avg_pool2d: |a| { let spec = a.pool(); a.ranked(4).avg_pool2d(spec) };
    max_pool2d: |a| { let spec = a.pool(); a.ranked(4).max_pool2d(spec) };
    global_avg_pool2d: |a| a.x().global_avg_pool2d();
    layer_norm: |a| { let (w, eps) = (a.x(), a.number()); let b = a.like(w.shape()); a.x().layer_norm(&w, &b, eps) };
    normalize_last: |a| { let (n, eps) = (a.size(), a.number()); a.x().normalize_last(n, eps) };
    batch_norm: |a| { let (w, eps) = (a.x(), a.number()); let b = a.like(w.shape()); a.x().batch_norm(&w, &b, eps) };
    batch_norm_act: |a| {
        let (x, w, eps) = (a.x(), a.like(&[2]), a.number());
        let residual = a.like(x.shape());
        x.batch_norm_act(&w, None, eps, a.yes().then_some(&residual), Activation::Relu)
    };
    batch_norm_with: |a| {
        let (mean, var, eps) = (a.like(&[2]), a.like(&[2]), a.number());
        a.x().batch_norm_with(None, None, mean.value(), var.value(), eps)
    };
    batch_norm_with_act: |a| {
        let [weight, mean, var, residual] = [0; 4].map(|_| a.like(&[2]));
        let (statistics, eps) = ([mean.value(), var.value()], a.number());
        let residual = a.yes().then_some(&residual);
        a.x().batch_norm_with_act(&weight, None, statistics, eps, residual, Activation::Relu)
    };
    attention: |a| {
        let [q, k, v] = [0; 3].map(|_| a.like(&[2, 1, 2, 3]));
        q.attention(&k, &v, a.mask())
    };
    self_attention: |a| { let heads = a.size(); a.x().self_attention(heads, a.mask()) };
    lstm: |a| {
        let h = a.small();
        let w = [[1, h, 0], [1, h, 0], [4 * h, 3, 0], [4 * h, h, 0]].map(|[r, c, _]| a.like(&[r, c]));
        let b = [0; 2].map(|_| a.like(&[4 * h]));
        a.like(&[2, 1, 3]).lstm([&w[0], &w[1]], [&w[2], &w[3], &b[0], &b[1]])
    };
    gru: |a| {
        let h = a.small();
        let w = [[1, h], [3 * h, 3], [3 * h, h]].map(|shape| a.like(&shape));
        let b = [0; 2].map(|_| a.like(&[3 * h]));
        a.like(&[2, 1, 3]).gru(&w[0], [&w[1], &w[2], &b[0], &b[1]])
    };
    gather: |a| { let index = a.index(); a.x().gather(a.axis(), &index) };
    scatter_add: |a| { let index = a.index(); a.x().scatter_add(a.axis(), &index, &a.x()) };
    select: |a| { let index = a.index(); a.x().select(a.axis(), &index) };
    index_add: |a| { let index = a.index(); a.x().index_add(a.axis(), &index, &a.x()) };
    sort: |a| a.x().sort(a.axis(), a.yes());
    topk: |a| a.x().topk(a.size(), a.axis());
    max_with_index: |a| a.x().max_with_index(a.axis());
    max: |a| a.x().max();
    min: |a| a.x().min();
    max_axes: |a| a.x().max_axes(&a.axes(), a.yes());
    min_axes: |a| a.x().min_axes(&a.axes(), a.yes());
    sum_axes: |a| a.x().sum_axes(&a.axes(), a.yes());
    sum_to: |a| a.x().sum_to(&a.shape());
    mean_axes: |a| a.x().mean_axes(&a.axes(), a.yes());
    var_axes: |a| a.x().var_axes(&a.axes(), a.yes(), a.size());
    cumsum: |a| a.x().cumsum(a.axis());
    logsumexp: |a| a.x().logsumexp(a.axis(), a.yes());
    softmax: |a| a.x().softmax(a.axis());
    log_softmax: |a| a.x().log_softmax(a.axis());
    permute: |a| a.x().permute(&a.axes());
    transpose: |a| a.x().transpose(a.axis(), a.axis());
    reshape: |a| a.x().reshape(a.shape());
    flatten: |a| a.x().flatten(a.axis());
    unsqueeze: |a| a.x().unsqueeze(a.axis());
    squeeze: |a| a.x().squeeze(a.axis());
    flip: |a| a.x().flip(a.axis());
    slice: |a| a.x().slice(a.axis(), a.size()..a.size());
    index: |a| a.x().index(a.axis(), a.size());
    pad: |a| { let margins: Vec<_> = a.shape().into_iter().map(|n| (n, 1)).collect(); a.x().pad(&margins) };
    split: |a| { let sizes = a.shape(); a.x().split(&sizes, a.axis()) };
    chunk: |a| a.x().chunk(a.size(), a.axis());
    concat: |a| Var::concat(&[&a.x(), &a.x()][..a.one(&[0, 1, 2])], a.axis());
    stack: |a| Var::stack(&[&a.x(), &a.x()][..a.one(&[0, 1, 2])], a.axis());
    dropout: |a| { let (p, mut rng) = (a.number(), Rng::new(1)); a.x().dropout(p.into(), &mut rng) };
    mse_loss: |a| a.x().mse_loss(&a.x(), a.reduction());
    l1_loss: |a| a.x().l1_loss(&a.x(), a.reduction());
    huber_loss: |a| a.x().huber_loss(&a.x(), a.number(), a.reduction());
    smooth_l1_loss: |a| a.x().smooth_l1_loss(&a.x(), a.number(), a.reduction());
    kl_div: |a| a.x().kl_div(&a.x(), a.reduction());
    bce_with_logits: |a| { let w = a.x(); a.x().bce_with_logits(&a.x(), Some(w.value()), a.reduction()) };
    cross_entropy: |a| {
        let smoothing = a.number().into();
        let mut options = CrossEntropyOptions::new().label_smoothing(smoothing).reduction(a.reduction());
        if a.yes() {
            options = options.weight(a.x().value().clone());
        }
        a.x().cross_entropy(&a.index(), &options)
    };
    ctc_loss: |a| {
        let labels: Vec<Vec<usize>> = (0..a.small()).map(|_| vec![a.size(); a.small()]).collect();
        let frames: Vec<usize> = (0..a.small()).map(|_| a.size()).collect();
        let options = CtcOptions::new().reduction(a.reduction()).blank(a.size()).zero_infinity(a.yes());
        a.ranked(3).ctc_loss(&labels, &frames, options)
    };
    expand: |a| {
        let wide = if a.yes() { a.shape() } else { vec![3, 2] };
        // Backward it is added up, which takes its time where it is long and not an error.
        a.x().expand(&wide).map(|y| if y.len() < 1000 { y } else { Var::constant(Tensor::scalar(0.0)) })
    };
}

#[test]
fn every_call_is_answered() {
    let mut failed = Vec::new();
    let (mut values, mut errors) = (0, 0);
    for (name, call) in CALLED {
        for seed in 0..CALLS {
            let mut a = Absurd(Rng::new(seed));
            match catch_unwind(AssertUnwindSafe(|| call(&mut a))) {
                Ok(true) => values += 1,
                Ok(false) => errors += 1,
                Err(_) => {
                    failed.push(format!("{name} with seed {seed}"));
                    break;
                }
            }
        }
    }
    assert!(failed.is_empty(), "panics: {failed:#?}");
    assert!(values > 2000 && errors > 2000, "{values} values and {errors} errors");
}

#[test]
fn no_operation_is_left_out() {
    // The last cannot fail, for any arguments, or take a closure.
    for (name, _) in OPERATIONS {
        let called = CALLED.iter().any(|(called, _)| called == name);
        let total = include_str!("numbers.rs").contains(&format!("x.{name}("));
        let elsewhere =
            ["affine", "sum", "mean", "scale", "shift", "cast", "hook", "var"].contains(name);
        assert!(called || total || elsewhere, "{name} is never called with absurd arguments");
    }
}
