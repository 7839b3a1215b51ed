//! The text of every error: it names the operation, what it got, and what would have fitted.

use std::fmt::Debug;

use gradus_tensor::{Error, MAX_RANK, Result, Rng, Tensor, threads};

#[track_caller]
fn says<R: Debug>(result: Result<R>, text: &str) {
    assert_eq!(result.unwrap_err().to_string(), text);
}

fn x(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape)
}

#[test]
fn shapes_that_do_not_broadcast() {
    says(
        x(&[2, 3]).add(&x(&[2, 4])),
        "add: shapes [2, 3] and [2, 4] do not broadcast: axis -1 (counted from the last) must have \
         equal sizes, or one of them must be 1",
    );
    says(
        x(&[2, 3, 1]).mul(&x(&[4, 5])),
        "mul: shapes [2, 3, 1] and [4, 5] do not broadcast: axis -2 (counted from the last) must \
         have equal sizes, or one of them must be 1",
    );
    let error = x(&[2]).less(&x(&[3])).unwrap_err();
    assert!(error.to_string().starts_with("compare with <: shapes [2] and [3] do not broadcast"));
    assert!(matches!(error, Error::Broadcast { axis: -1, .. }));
    let error = Tensor::full([2], true).choose(&x(&[2]), &x(&[3])).unwrap_err();
    assert!(error.to_string().starts_with("choose: shapes [2] and [3] do not broadcast"));
    let error = x(&[3, 2, 2]).matmul(&x(&[2, 2, 2])).unwrap_err();
    assert!(error.to_string().starts_with("matmul: shapes [3] and [2] do not broadcast"));
}

#[test]
#[should_panic(expected = "sub: shapes [2] and [3] do not broadcast: axis -1")]
fn operators_panic_with_the_same_text() {
    let _ = &x(&[2]) - &x(&[3]);
}

#[test]
fn shapes_that_do_not_fit() {
    says(
        x(&[2]).clone().add_assign(&x(&[3])),
        "add_assign: got shape [3], wanted a shape that expands to [2]",
    );
    says(x(&[3]).expand([2]), "expand: got shape [3], wanted a shape that expands to [2]");
    says(x(&[2, 2]).item(), "item: got shape [2, 2], wanted a tensor of one element");
    says(
        x(&[2, 2]).get([1]),
        "get: got shape [2, 2], wanted rank 1, one axis for each number of the index",
    );
    says(
        Tensor::from_vec(vec![1.0_f32; 5], [2, 3]),
        "from_slice: got shape [2, 3], wanted one of 5 elements, as many as there are values",
    );
    says(
        x(&[2, 3]).reshape([4]),
        "reshape: got shape [4], wanted one of 6 elements, as many as [2, 3]",
    );
    says(x(&[2, 3]).squeeze(0), "squeeze: got shape [2, 3], wanted size 1 on axis 0");
    says(x(&[2]).sum_to(&[3]), "sum_to: got shape [2], wanted a shape that [3] broadcasts to");
    says(x(&[0]).max(), "max: got shape [0], wanted at least one element on axis 0");
    says(x(&[2, 0]).argmin(1), "argmin: got shape [2, 0], wanted at least one element on axis 1");
    says(
        x(&[3]).matmul(&x(&[3, 2])),
        "matmul: got shape [3], wanted at least two axes (unsqueeze turns a vector into a row or a \
         column)",
    );
    says(
        x(&[2, 3]).matmul(&x(&[4, 2])),
        "matmul: got shape [4, 2], wanted 3 rows (axis -2), as many as [2, 3] has columns (axis -1)",
    );
    says(x(&[3]).tril(0), "tril: got shape [3], wanted at least two axes");
    says(x(&[]).triu(0), "triu: got shape [], wanted at least two axes");
}

#[test]
fn joining() {
    says(Tensor::<f32>::concat(&[], 0), "concat: got no tensors, wanted at least one");
    says(Tensor::<f32>::stack(&[], 0), "stack: got no tensors, wanted at least one");
    says(
        Tensor::concat(&[&x(&[2, 3]), &x(&[2, 4])], 0),
        "concat: got shape [2, 4], wanted 3 elements on axis 1, as the first tensor of shape \
         [2, 3]; only axis 0, along which they are joined, may differ",
    );
    says(
        Tensor::concat(&[&x(&[2, 3]), &x(&[2])], -1),
        "concat: got shape [2], wanted rank 2, as the first tensor of shape [2, 3]",
    );
    says(
        Tensor::concat(&[&x(&[])], 0),
        "concat: axis 0 is out of range for a tensor of rank 0, which has no axes",
    );
    says(
        Tensor::stack(&[&x(&[2]), &x(&[3])], 0),
        "stack: got shape [3], wanted [2], the shape of the first tensor",
    );
    says(
        Tensor::stack(&[&x(&[2])], 2),
        "stack: axis 2 is out of range for a tensor of rank 2; use 0 to 1, or -2 to -1 counted \
         from the end",
    );
    says(
        x(&[2, 5]).split(&[2, 2], 1),
        "split: got sizes [2, 2], which add up to 4, wanted 5, the size of axis 1 of [2, 5]",
    );
    says(x(&[5]).chunk(0, 0), "chunk: got 0 parts, wanted at least 1");
    says(
        x(&[2, 3]).pad(&[(1, 1)], 0.0),
        "pad: got 1 pairs of padding, wanted 2, one for each axis of [2, 3]",
    );
    let huge = x(&[2]).pad(&[(usize::MAX, 1)], 0.0);
    says(huge, "pad: shape [2] has more elements than memory can hold");
    assert!(matches!(x(&[2]).pad(&[(1 << 62, 0)], 0.0), Err(Error::TooLarge { .. })));
    let wide = Tensor::scalar(0.0_f32).expand([1 << 43]).unwrap();
    assert!(matches!(Tensor::concat(&[&wide; 9], 0), Err(Error::TooLarge { .. })));
}

#[test]
fn axes_out_of_range() {
    says(
        x(&[2, 3]).sum_axes(&[2], false),
        "sum: axis 2 is out of range for a tensor of rank 2; use 0 to 1, or -2 to -1 counted from \
         the end",
    );
    says(
        x(&[2]).mean_axes(&[-2], false),
        "mean: axis -2 is out of range for a tensor of rank 1; use 0 to 0, or -1 to -1 counted \
         from the end",
    );
    says(
        x(&[]).softmax(0),
        "softmax: axis 0 is out of range for a tensor of rank 0, which has no axes",
    );
    let of = |axis| {
        move |op: &str, rank| {
            format!("{op}: axis {axis} is out of range for a tensor of rank {rank}")
        }
    };
    let (x, list) = (x(&[2, 3]), Tensor::vector([0_i64]));
    let cases: Vec<(&str, Error)> = vec![
        ("dim", x.dim(9).unwrap_err()),
        ("var", x.var_axes(&[9], false, 0).unwrap_err()),
        ("max", x.max_axes(&[9], false).unwrap_err()),
        ("min", x.min_axes(&[9], false).unwrap_err()),
        ("argmax", x.argmax(9).unwrap_err()),
        ("logsumexp", x.logsumexp(9, false).unwrap_err()),
        ("log_softmax", x.log_softmax(9).unwrap_err()),
        ("cumsum", x.cumsum(9).unwrap_err()),
        ("slice", x.slice(9, ..).unwrap_err()),
        ("index", x.index(9, 0).unwrap_err()),
        ("flatten", x.flatten(9).unwrap_err()),
        ("permute", x.permute(&[0, 9]).unwrap_err()),
        ("transpose", x.transpose(0, 9).unwrap_err()),
        ("move_axis", x.move_axis(9, 0).unwrap_err()),
        ("squeeze", x.squeeze(9).unwrap_err()),
        ("flip", x.flip(9).unwrap_err()),
        ("select", x.select(9, &list).unwrap_err()),
        ("gather", x.gather(9, &list).unwrap_err()),
        ("index_add", x.clone().index_add(9, &list, &x).unwrap_err()),
        ("scatter_add", x.clone().scatter_add(9, &list, &x).unwrap_err()),
        ("concat", Tensor::concat(&[&x], 9).unwrap_err()),
        ("split", x.split(&[1], 9).unwrap_err()),
        ("chunk", x.chunk(1, 9).unwrap_err()),
        ("sort", x.sort(9, false).unwrap_err()),
        ("argsort", x.argsort(9, false).unwrap_err()),
        ("topk", x.topk(1, 9).unwrap_err()),
        ("any", x.map(|x| x > 0.0).any_axes(&[9], false).unwrap_err()),
    ];
    for (op, error) in cases {
        assert!(error.to_string().starts_with(&of(9)(op, 2)), "{error}");
    }
    let far = x.sum_axes(&[isize::MIN], false).unwrap_err().to_string();
    assert!(far.starts_with(&of(isize::MIN)("sum", 2)), "{far}");
    assert!(x.unsqueeze(3).unwrap_err().to_string().starts_with(&of(3)("unsqueeze", 3)));
}

#[test]
fn indices_out_of_range() {
    let x = x(&[2, 3]);
    let list = |i| Tensor::vector([0, i]);
    says(x.get([1, 3]), "get: index 3 is out of range for axis 1, which has 3 elements");
    says(x.index(0, 2), "index: index 2 is out of range for axis 0, which has 2 elements");
    says(x.select(1, &list(3)), "select: index 3 is out of range for axis 1, which has 3 elements");
    says(
        x.select(-2, &list(-1)),
        "select: index -1 is out of range for axis 0, which has 2 elements",
    );
    says(
        x.gather(1, &Tensor::full([2, 1], i64::MAX)),
        "gather: index 9223372036854775807 is out of range for axis 1, which has 3 elements",
    );
    says(
        x.clone().index_add(0, &list(2), &x),
        "index_add: index 2 is out of range for axis 0, which has 2 elements",
    );
    says(
        x.clone().scatter_add(0, &Tensor::full([1, 3], -4), &x),
        "scatter_add: index -4 is out of range for axis 0, which has 2 elements",
    );
    says(
        list(5).one_hot::<f32>(5),
        "one_hot: index 5 is out of range for axis 1, which has 5 elements",
    );
    // In a view that is not contiguous too.
    let columns = Tensor::from_vec(vec![0, 7, 0, 7], [2, 2]).unwrap();
    assert!(x.select(0, &columns.index(1, 0).unwrap()).is_ok());
    assert!(x.select(0, &columns.index(1, 1).unwrap()).is_err());
}

#[test]
fn shapes_of_indices() {
    let x = x(&[2, 3]);
    let index = |shape: &[usize]| Tensor::<i64>::zeros(shape);
    says(
        x.select(0, &index(&[1, 1])),
        "select: got shape [1, 1], wanted a list of indices, of rank 1",
    );
    says(
        x.gather(0, &index(&[1])),
        "gather: got shape [1], wanted indices of rank 2, as the tensor of shape [2, 3] has",
    );
    says(
        x.gather(0, &index(&[2, 4])),
        "gather: got shape [2, 4], wanted indices with at most 3 elements on axis 1, as many as \
         the tensor of shape [2, 3] has",
    );
    says(
        x.clone().scatter_add(0, &index(&[1, 3]), &x),
        "scatter_add: got shape [2, 3], wanted [1, 3], the shape of the indices",
    );
    says(
        x.clone().index_add(1, &index(&[2]), &x),
        "index_add: got shape [2, 3], wanted [2, 2], the shape of the tensor with one element per \
         index on axis 1",
    );
}

#[test]
fn arguments_outside_their_domain() {
    let x = x(&[2, 3]);
    says(
        x.sum_axes(&[1, -1], false),
        "sum: got axes [1, -1], with axis 1 twice, wanted each axis at most once",
    );
    let reversed = std::ops::Range { start: 2, end: 1 };
    says(
        x.slice(1, reversed),
        "slice: got range 2..1 with step 1 on axis 1, wanted a range within 0..3 and a step of at \
         least 1",
    );
    says(
        x.slice(1, 1..4),
        "slice: got range 1..4 with step 1 on axis 1, wanted a range within 0..3 and a step of at \
         least 1",
    );
    says(
        x.slice_step(0, .., 0),
        "slice: got range 0..2 with step 0 on axis 0, wanted a range within 0..2 and a step of at \
         least 1",
    );
    says(x.permute(&[0, 0]), "permute: got order [0, 0], wanted each of the 2 axes of [2, 3] once");
    says(x.permute(&[0]), "permute: got order [0], wanted each of the 2 axes of [2, 3] once");
    says(x.topk(4, 1), "topk: got k = 4, wanted at most 3, the size of axis 1 of [2, 3]");
    says(threads::with_count(0, || ()), "threads::with_count: got 0 threads, wanted at least 1");
    says(threads::set_count(0), "threads::set_count: got 0 threads, wanted at least 1");
}

#[test]
fn random_numbers() {
    let rng = &mut Rng::new(0);
    type T = Tensor<f32>;
    says(
        T::uniform([2], 1.0, 1.0, rng),
        "uniform: got the range 1 to 1, wanted low < high, both finite",
    );
    says(
        T::uniform([2], 0.0, f32::INFINITY, rng),
        "uniform: got the range 0 to inf, wanted low < high, both finite",
    );
    says(
        T::uniform([2], f32::NAN, 1.0, rng),
        "uniform: got the range NaN to 1, wanted low < high, both finite",
    );
    for (std, text) in [(-1.0, "-1"), (f32::NAN, "NaN"), (f32::INFINITY, "inf")] {
        let want = format!("got standard deviation {text}, wanted a finite number >= 0");
        says(T::normal([2], 0.0, std, rng), &format!("normal: {want}"));
        says(T::truncated_normal([2], 0.0, std, rng), &format!("truncated_normal: {want}"));
    }
    for (p, text) in [(-0.1, "-0.1"), (1.5, "1.5"), (f64::NAN, "NaN")] {
        let want = format!("bernoulli: got probability {text}, wanted a number from 0 to 1");
        says(T::bernoulli([2], p, rng), &want);
    }
}

#[test]
fn sizes_that_no_machine_holds() {
    let text = "has more elements than memory can hold";
    let huge = usize::MAX / 2;
    says(
        Tensor::from_vec(vec![1.0_f32], [huge, 3]),
        &format!("from_slice: shape [{huge}, 3] {text}"),
    );
    says(x(&[0]).reshape([0, huge, 9]), &format!("reshape: shape [0, {huge}, 9] {text}"));
    says(x(&[1]).expand([huge, 9]), &format!("expand: shape [{huge}, 9] {text}"));
    let classes = Tensor::vector([0_i64]).one_hot::<f32>(huge);
    says(classes, &format!("one_hot: shape [1, {huge}] {text}"));
}

#[test]
#[should_panic(expected = "has more elements than memory can hold")]
fn creation_of_a_size_that_no_machine_holds_panics() {
    let _ = x(&[usize::MAX, 2]);
}

#[test]
fn more_axes_than_a_tensor_has() {
    let wanted = "at most 64";
    says(x(&[]).reshape([1; 65]), &format!("reshape: got 65 axes, wanted {wanted}"));
    says(x(&[]).expand([1; 20_000]), &format!("expand: got 20000 axes, wanted {wanted}"));
    let most = x(&[]).reshape([1; MAX_RANK]).unwrap();
    says(most.unsqueeze(0), &format!("unsqueeze: got 65 axes, wanted {wanted}"));
    says(Tensor::stack(&[&most, &most], 0), &format!("stack: got 65 axes, wanted {wanted}"));
    says(
        Tensor::from_slice(&[1.0_f32], [1; 65]),
        &format!("from_slice: got 65 axes, wanted {wanted}"),
    );
}

#[test]
fn more_than_this_machine_holds_is_an_error() {
    // 2⁴⁶ bytes: an address space has room for them, no machine has.
    let [n, m] = [1 << 22, 1 << 22];
    let too_large = |result: Result<Tensor>| {
        assert!(matches!(result, Err(Error::TooLarge { .. })), "{result:?}");
    };
    too_large(x(&[1]).pad(&[(0, n * m)], 0.0));
    too_large(Tensor::uniform([n, m], 0.0, 1.0, &mut Rng::new(1)));
    too_large(x(&[n, 1]).matmul(&x(&[1, m])));
    too_large(x(&[n, 1]).linear(&x(&[m, 1]), None, gradus_tensor::Activation::Identity));
    too_large(x(&[n, 0]).sum_axes(&[1], false).and_then(|x| x.pad(&[(0, n * m)], 0.0)));
}
