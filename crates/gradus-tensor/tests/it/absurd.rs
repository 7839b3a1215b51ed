//! Every function that returns a `Result`, called with arguments that nobody should give: it answers, with
//! a value or an error. No panic, no end of the process, no hang.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use gradus_tensor::*;

/// How often each function is called.
const CALLS: u64 = 400;

/// A source of arguments, the same in every run.
pub struct Absurd(Rng);

impl Absurd {
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len())].clone()
    }
    fn yes(&mut self) -> bool {
        self.one(&[false, true])
    }
    fn axis(&mut self) -> isize {
        self.one(&[0, 0, 1, 2, 3, -1, -1, -2, 7, -7, isize::MIN, isize::MAX])
    }
    fn axes(&mut self) -> Vec<isize> {
        (0..self.one(&[0, 1, 1, 2, 3])).map(|_| self.axis()).collect()
    }
    fn size(&mut self) -> usize {
        let large = [1 << 50, 1 << 62, isize::MAX as usize, usize::MAX - 1, usize::MAX];
        match self.0.below(4) {
            0 => self.one(&large),
            _ => self.one(&[0, 1, 1, 2, 3, 4, 5, 7]),
        }
    }
    fn small(&mut self) -> usize {
        self.one(&[0, 1, 1, 2, 2, 3, 4])
    }
    /// A shape to ask for: also one that no memory holds.
    fn shape(&mut self) -> Vec<usize> {
        match self.0.below(30) {
            0 => vec![1; 200],
            _ => (0..self.one(&[0, 1, 1, 2, 3, 4])).map(|_| self.size()).collect(),
        }
    }
    fn pairs(&mut self) -> Vec<(usize, usize)> {
        (0..self.one(&[0, 1, 1, 2, 3, 4])).map(|_| (self.size(), self.size())).collect()
    }
    fn number(&mut self) -> f32 {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, -0.0];
        if self.0.below(3) == 0 { self.one(&odd) } else { self.one(&[0.0, 0.5, 1.0, -1.0, 3.0]) }
    }
    /// A tensor with few elements: none behind a huge axis, or in gaps, backward, or one number for all.
    fn of<T: Element>(
        &mut self,
        shape: &[usize],
        mut value: impl FnMut(&mut Self) -> T,
    ) -> Tensor<T> {
        let n: usize = shape.iter().product();
        let values: Vec<T> = (0..n).map(|_| value(self)).collect();
        let x = Tensor::from_vec(values, shape).unwrap();
        match self.0.below(8) {
            0 if !shape.is_empty() => x.flip(0).unwrap(),
            1 if shape.len() > 1 => {
                x.transpose(0, 1).unwrap().contiguous().transpose(0, 1).unwrap()
            }
            2 if n > 0 => Tensor::scalar(x.to_vec()[0]).expand(shape).unwrap(),
            3 if n > 0 => {
                let wide = x.unsqueeze(-1).unwrap().expand([shape, &[3]].concat()).unwrap();
                wide.contiguous().index(-1, 1).unwrap()
            }
            _ => x,
        }
    }
    fn x(&mut self) -> Tensor {
        let rank = self.one(&[0, 1, 1, 2, 2, 3, 4, 4, 5]);
        self.ranked(rank)
    }
    fn ranked(&mut self, rank: usize) -> Tensor {
        let mut shape: Vec<usize> = (0..rank).map(|_| self.small()).collect();
        if rank > 1 && self.0.below(10) == 0 {
            let place = self.0.below(rank);
            shape = vec![1; rank];
            shape[place] = 0;
            shape[(place + 1) % rank] = self.one(&[1 << 40, 1 << 43]);
        }
        self.of(&shape, Self::number)
    }
    /// A tensor that fits where one of this shape is wanted, mostly.
    fn like(&mut self, shape: &[usize]) -> Tensor {
        let few =
            shape.iter().try_fold(1_usize, |n, &m| n.checked_mul(m)).is_some_and(|n| n < 1000);
        if few && self.0.below(5) > 0 { self.of(shape, Self::number) } else { self.x() }
    }
    fn index(&mut self) -> Tensor<i64> {
        let shape = self.x().shape().to_vec();
        self.of(&shape, |a| a.one(&[0, 0, 0, 1, 1, 2, -1, i64::MIN, i64::MAX]))
    }
    fn truth(&mut self, shape: &[usize]) -> Tensor<bool> {
        let shape = if self.yes() { shape.to_vec() } else { self.x().shape().to_vec() };
        self.of(&shape, Self::yes)
    }
    fn mask(&mut self) -> AttentionMask {
        let mask = if self.yes() { AttentionMask::causal() } else { AttentionMask::none() };
        if self.yes() { mask } else { mask.keys(self.truth(&[2, 2])) }
    }
    fn activation(&mut self) -> Activation {
        self.one(&[Activation::Identity, Activation::Relu])
    }
    fn conv(&mut self) -> Conv2dSpec {
        if self.yes() {
            return Conv2dSpec::new();
        }
        Conv2dSpec::new()
            .stride([self.size(), self.small()])
            .padding([[self.small(), self.size()], [self.small(); 2]])
            .dilation([self.size(), self.small()])
            .groups(self.size())
    }
    fn pool(&mut self) -> Pool2dSpec {
        if self.yes() {
            return Pool2dSpec::new(self.size());
        }
        let spec = Pool2dSpec::new([self.size(), self.small()]).stride([self.size(), self.small()]);
        spec.padding([[self.small(), self.size()], [self.small(); 2]])
    }
    fn rng(&mut self) -> &mut Rng {
        &mut self.0
    }
}

/// Whether a call answered with a value; what it was does not matter.
trait Answer {
    fn has_value(self) -> bool;
}
impl<T, E> Answer for std::result::Result<T, E> {
    fn has_value(self) -> bool {
        self.is_ok()
    }
}

type Call = (&'static str, fn(&mut Absurd) -> bool);

macro_rules! calls {
    ($($name:ident: |$a:ident| $call:expr;)*) => {
        const CALLED: &[Call] = &[$((stringify!($name), |$a: &mut Absurd| $call.has_value())),*];
    };
}

calls! {
    from_vec: |a| Tensor::from_vec(vec![a.number(); 6], a.shape());
    from_slice: |a| Tensor::from_slice(&[a.number(); 4], a.shape());
    try_filled_by: |a| Tensor::<f32>::try_filled_by("test", &a.shape(), |out| out.fill(1.0));
    try_full: |a| Tensor::try_full(a.shape(), a.number());
    sort: |a| a.x().sort(a.axis(), a.yes());
    argsort: |a| a.x().argsort(a.axis(), a.yes());
    topk: |a| a.x().topk(a.size(), a.axis());
    tril: |a| a.x().tril(a.axis());
    triu: |a| a.x().triu(a.axis());
    dim: |a| a.x().dim(a.axis());
    axis: |a| a.x().axis("test", a.axis());
    item: |a| a.x().item();
    get: |a| a.x().get(a.shape());
    into_tensor: |a| AnyTensor::from(a.x()).into_tensor::<i64>();
    random_mask: |a| { let (shape, p) = (a.shape(), a.number()); Tensor::random_mask(shape, p.into(), a.rng()) };
    uniform: |a| { let (s, l, h) = (a.shape(), a.number(), a.number()); Tensor::uniform(s, l, h, a.rng()) };
    normal: |a| { let (s, m, d) = (a.shape(), a.number(), a.number()); Tensor::normal(s, m, d, a.rng()) };
    truncated_normal: |a| { let (s, m, d) = (a.shape(), a.number(), a.number()); Tensor::truncated_normal(s, m, d, a.rng()) };
    bernoulli: |a| { let (s, p) = (a.shape(), a.number()); Tensor::<f32>::bernoulli(s, p.into(), a.rng()) };
    slice: |a| a.x().slice(a.axis(), a.size()..a.size());
    slice_step: |a| a.x().slice_step(a.axis(), a.size().., a.size());
    index: |a| a.x().index(a.axis(), a.size());
    reshape: |a| a.x().reshape(a.shape());
    flatten: |a| a.x().flatten(a.axis());
    permute: |a| a.x().permute(&a.axes());
    transpose: |a| a.x().transpose(a.axis(), a.axis());
    move_axis: |a| a.x().move_axis(a.axis(), a.axis());
    unsqueeze: |a| a.x().unsqueeze(a.axis());
    squeeze: |a| a.x().squeeze(a.axis());
    expand: |a| a.x().expand(a.shape());
    flip: |a| a.x().flip(a.axis());
    linear: |a| {
        let (x, w) = (a.x(), a.ranked(2));
        let bias = a.like(&w.shape()[..1.min(w.rank())]);
        x.linear(&w, a.yes().then_some(&bias), a.activation())
    };
    linear_gelu: |a| { let (x, w) = (a.x(), a.ranked(2)); x.linear_gelu(&w, None) };
    linear_grad: |a| {
        let (x, w) = (a.ranked(2), a.ranked(2));
        let y = a.like(&[x.shape()[0], w.shape()[0]]);
        linear_grad(&x, &w, &y, y.clone(), a.activation(), [a.yes(), a.yes(), a.yes()])
    };
    linear_gelu_grad: |a| {
        let (x, w) = (a.ranked(2), a.ranked(2));
        let y = a.like(&[x.shape()[0], w.shape()[0]]);
        linear_gelu_grad(&x, &w, &y, y.clone(), [a.yes(), a.yes(), a.yes()])
    };
    matmul: |a| a.x().matmul(&a.x());
    mean_var: |a| a.x().mean_var(&a.axes(), a.yes());
    channels_last: |a| a.x().channels_last();
    output_size: |a| a.conv().output_size([a.size(), a.size()], [a.size(), a.size()]);
    gather: |a| a.x().gather(a.axis(), &a.index());
    select: |a| a.x().select(a.axis(), &a.index());
    scatter_add: |a| { let mut x = a.x(); x.scatter_add(a.axis(), &a.index(), &a.x()) };
    index_add: |a| { let mut x = a.x(); x.index_add(a.axis(), &a.index(), &a.x()) };
    one_hot: |a| a.index().one_hot::<f32>(a.size());
    split: |a| { let sizes = a.shape(); a.x().split(&sizes, a.axis()) };
    chunk: |a| a.x().chunk(a.size(), a.axis());
    concat: |a| Tensor::concat(&[&a.x(), &a.x()][..a.one(&[0, 1, 2])], a.axis());
    stack: |a| Tensor::stack(&[&a.x(), &a.x()][..a.one(&[0, 1, 2])], a.axis());
    pad: |a| a.x().pad(&a.pairs(), 0.5);
    sum_axes: |a| a.x().sum_axes(&a.axes(), a.yes());
    sum_to: |a| a.x().sum_to(&a.shape());
    mean_axes: |a| a.x().mean_axes(&a.axes(), a.yes());
    var_axes: |a| a.x().var_axes(&a.axes(), a.yes(), a.size());
    any_axes: |a| a.truth(&[2, 3]).any_axes(&a.axes(), a.yes());
    all_axes: |a| a.truth(&[2, 3]).all_axes(&a.axes(), a.yes());
    cumsum: |a| a.x().cumsum(a.axis());
    max: |a| a.x().max();
    min: |a| a.x().min();
    max_axes: |a| a.x().max_axes(&a.axes(), a.yes());
    min_axes: |a| a.x().min_axes(&a.axes(), a.yes());
    argmax: |a| a.x().argmax(a.axis());
    argmin: |a| a.x().argmin(a.axis());
    map_lanes: |a| a.x().map_lanes("test", a.axis(), a.size(), |_, out: &mut [f32]| out.fill(1.0));
    logsumexp: |a| a.x().logsumexp(a.axis(), a.yes());
    softmax: |a| a.x().softmax(a.axis());
    log_softmax: |a| a.x().log_softmax(a.axis());
    choose: |a| a.truth(&[2, 3]).choose(&a.x(), &a.x());
    and: |a| a.truth(&[2, 3]).and(&a.truth(&[2, 1]));
    or: |a| a.truth(&[2, 3]).or(&a.truth(&[3]));
    assign: |a| { let mut x = a.x(); x.assign(&a.x()) };
    zip: |a| a.x().zip("test", &a.x(), |x: f32, y: f32| x + y);
    zip3: |a| a.x().zip3("test", &a.x(), &a.x(), |x: f32, y: f32, z: f32| x + y + z);
    zip_inplace: |a| { let mut x = a.x(); x.zip_inplace("test", &a.x(), |x, y: f32| x + y) };
    update: |a| {
        let [mut x, mut v] = [a.x(), a.x()];
        x.update("test", [&mut v], &a.x(), |x, [v], g| *x += *v * g)
    };
    add_scaled: |a| { let mut x = a.x(); x.add_scaled(&a.x(), 0.5) };
    maximum: |a| a.x().maximum(&a.x());
    minimum: |a| a.x().minimum(&a.x());
    attention: |a| {
        let [q, k, v] = [0; 3].map(|_| a.like(&[2, 1, 2, 3]));
        let (mask, grad) = (a.mask(), a.like(&[2, 1, 2, 3]));
        attention(&q, &k, &v, &mask).and_then(|pass| attention_grad([&q, &k, &v], &mask, &pass, &grad))
    };
    self_attention: |a| {
        let (qkv, heads, mask) = (a.x(), a.size(), a.mask());
        self_attention(&qkv, heads, &mask).and_then(|pass| {
            let grad = a.like(pass.output.shape());
            let heads = if a.yes() { heads } else { a.size() };
            self_attention_grad(&qkv, heads, &mask, &pass, &grad)
        })
    };
    conv2d: |a| { let spec = a.conv(); conv2d(&a.x(), &a.x(), &spec) };
    conv2d_with: |a| {
        let (x, w, spec) = (a.ranked(4), a.ranked(4), a.conv());
        let bias = a.like(&w.shape()[..1]);
        conv2d_with(&x, &w, a.yes().then_some(&bias), a.activation(), &spec)
    };
    conv2d_input_grad: |a| {
        let (spec, shape) = (a.conv(), if a.yes() { a.shape() } else { vec![2, 1, 3, 3] });
        conv2d_input_grad(&a.ranked(4), &a.ranked(4), &shape, &spec)
    };
    conv2d_weight_grad: |a| {
        let (spec, shape) = (a.conv(), if a.yes() { a.shape() } else { vec![2, 1, 2, 2] });
        conv2d_weight_grad(&a.ranked(4), &a.ranked(4), &shape, &spec)
    };
    batch_norm_grad: |a| {
        let (x, c) = (a.x(), [3]);
        let (grad, relu) = (a.like(x.shape()), a.like(x.shape()));
        let [mean, rstd, weight] = [0; 3].map(|_| a.like(&c));
        batch_norm_grad(&x, &grad, &mean, &rstd, &weight, a.yes().then_some(&relu), a.yes())
    };
    channel_norm: |a| {
        let x = a.x();
        let residual = a.like(x.shape());
        let [mean, scale, shift] = [0; 3].map(|_| a.like(&[2]));
        channel_norm(&x, &mean, &scale, &shift, a.yes().then_some(&residual), a.activation())
    };
    layer_norm: |a| { let (w, eps) = (a.x(), a.number()); layer_norm(&a.x(), &w, &a.like(w.shape()), eps) };
    layer_norm_grad: |a| {
        let (x, w, eps) = (a.x(), a.x(), a.number());
        layer_norm_grad(&x, &a.like(x.shape()), &w, eps)
    };
    avg_pool2d: |a| { let spec = a.pool(); avg_pool2d(&a.x(), &spec) };
    avg_pool2d_grad: |a| { let (spec, shape) = (a.pool(), a.shape()); avg_pool2d_grad(&a.ranked(4), &shape, &spec) };
    max_pool2d: |a| { let spec = a.pool(); max_pool2d(&a.x(), &spec) };
    max_pool2d_grad: |a| {
        let (grad, index) = (a.ranked(4), a.index());
        let shape = if a.yes() { a.shape() } else { grad.shape().to_vec() };
        max_pool2d_grad(&grad, &index, &shape)
    };
    max_pool2d_gather: |a| { let index = a.index(); max_pool2d_gather(&a.x(), &index) };
    lstm: |a| {
        let (x, h) = (a.like(&[2, 1, 3]), a.small());
        let [first, cell] = [0; 2].map(|_| a.like(&[1, h]));
        let weights = [a.like(&[4 * h, 3]), a.like(&[4 * h, h]), a.like(&[4 * h]), a.like(&[4 * h])];
        let weights = [&weights[0], &weights[1], &weights[2], &weights[3]];
        lstm(&x, [&first, &cell], weights, a.yes()).and_then(|pass| {
            let grad = a.like(&[2, 1, h]);
            lstm_grad(&x, weights, &pass, a.yes().then_some(&grad), None, [a.yes(); 7])
        })
    };
    gru: |a| {
        let (x, h) = (a.like(&[2, 1, 3]), a.small());
        let first = a.like(&[1, h]);
        let weights = [a.like(&[3 * h, 3]), a.like(&[3 * h, h]), a.like(&[3 * h]), a.like(&[3 * h])];
        let weights = [&weights[0], &weights[1], &weights[2], &weights[3]];
        gru(&x, &first, weights, a.yes()).and_then(|pass| {
            let grad = a.like(&[2, 1, h]);
            gru_grad(&x, weights, &pass, &grad, [a.yes(); 6])
        })
    };
    pairs: |a| a.mask().pairs([a.size(), a.size()]);
    with_count: |a| threads::with_count(a.one(&[0, 1, 2, usize::MAX]), || ());
}

/// Called by other tests, or of what this crate hands out for the settings of others.
const ELSEWHERE: [&str; 4] = ["check", "from_values", "show", "set_count"];

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
    assert!(values > 5000 && errors > 5000, "{values} values and {errors} errors");
}

#[test]
fn no_function_is_left_out() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut missing = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let code = std::fs::read_to_string(&path).unwrap();
            for part in code.split("pub fn ").skip(1) {
                let head = part.split('{').next().unwrap();
                let name = head.split(['(', '<']).next().unwrap();
                let answers = head.rsplit("->").next().is_some_and(|of| of.contains("Result<"));
                let called = ["(", "::<"]
                    .iter()
                    .any(|next| include_str!("absurd.rs").contains(&format!("{name}{next}")));
                if answers
                    && head.contains("->")
                    && !called
                    && !ELSEWHERE.contains(&name)
                    && !name.contains('$')
                {
                    missing.push(format!("{name} of {}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "never called with absurd arguments: {missing:#?}");
}
