//! Tensors of every layout, and walks over indices.

use gradus_tensor::{Element, Rng, Tensor};

/// Sizes of all axes, empty and rank 0 among them.
pub const SHAPES: &[&[usize]] = &[
    &[],
    &[1],
    &[5],
    &[0],
    &[3, 4],
    &[1, 4],
    &[3, 0],
    &[2, 3, 4],
    &[2, 1, 3],
    &[0, 2, 3],
    &[2, 3, 2, 5],
    &[1, 3, 1, 2],
];

/// Elements of the given type in random order, each different where the type has room for that.
pub trait Sample: Element {
    fn sample(rng: &mut Rng) -> Self;
}

impl Sample for f32 {
    fn sample(rng: &mut Rng) -> Self {
        (rng.below(200_001) as f32 - 100_000.0) / 4096.0
    }
}
impl Sample for f64 {
    fn sample(rng: &mut Rng) -> Self {
        (rng.below(2_000_001) as f64 - 1_000_000.0) / 3e4
    }
}
impl Sample for i64 {
    fn sample(rng: &mut Rng) -> Self {
        rng.below(2001) as i64 - 1000
    }
}
impl Sample for bool {
    fn sample(rng: &mut Rng) -> Self {
        rng.below(2) == 1
    }
}

/// A contiguous tensor of random elements.
pub fn random<T: Sample>(shape: &[usize], rng: &mut Rng) -> Tensor<T> {
    let n = shape.iter().product();
    Tensor::from_vec((0..n).map(|_| T::sample(rng)).collect(), shape).unwrap()
}

/// Tensors of one shape under every kind of layout.
pub fn layouts<T: Sample>(shape: &[usize], rng: &mut Rng) -> Vec<(String, Tensor<T>)> {
    let rank = shape.len() as isize;
    let mut all = vec![("contiguous".into(), random(shape, rng))];
    for turn in 1..rank {
        // Axis i of the result is axis (i + turn) % rank of what lies in memory. With four axes
        // and turn 3 this is channels-last.
        let order: Vec<isize> = (0..rank).map(|i| (i + turn) % rank).collect();
        let mut base = vec![0; shape.len()];
        (0..shape.len()).for_each(|i| base[order[i] as usize] = shape[i]);
        all.push((format!("permuted {order:?}"), random(&base, rng).permute(&order).unwrap()));
    }
    let wide: Vec<usize> = shape.iter().map(|n| 2 * n + 1).collect();
    let mut stepped = random::<T>(&wide, rng);
    for axis in 0..rank {
        stepped = stepped.slice_step(axis, 1.., 2).unwrap();
        all.push((format!("flipped {axis}"), random(shape, rng).flip(axis).unwrap()));
        let mut narrow = shape.to_vec();
        narrow[axis as usize] = 1;
        if shape[axis as usize] > 0 {
            let expanded = random(&narrow, rng).expand(shape).unwrap();
            all.push((format!("expanded {axis}"), expanded));
        }
    }
    all.push(("stepped".into(), stepped.clone()));
    if rank > 1 {
        let mut mixed = stepped.flip(0).unwrap().flip(-1).unwrap();
        mixed = mixed.transpose(0, 1).unwrap().contiguous().flip(1).unwrap();
        all.push(("flipped twice and turned".into(), mixed.transpose(0, 1).unwrap()));
    }
    if rank > 0 {
        let mut narrow = shape.to_vec();
        narrow[0] = 1;
        if shape[0] > 0 {
            let all_but_one = random(&narrow[1..], rng)
                .flip(-1)
                .map_or_else(|_| random(&narrow, rng), |flipped| flipped.unsqueeze(0).unwrap());
            all.push(("new axis".into(), all_but_one.expand(shape).unwrap()));
        }
    }
    for (name, x) in &all {
        assert_eq!(x.shape(), shape, "{name}");
    }
    all
}

/// Every index into a shape, in row-major order.
pub fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for &n in shape {
        all = all
            .into_iter()
            .flat_map(|index| (0..n).map(move |i| [index.as_slice(), &[i]].concat()))
            .collect();
    }
    all
}

/// The tensor whose element at each index is `f(index)`.
pub fn built<T: Element>(shape: &[usize], f: impl FnMut(&[usize]) -> T) -> Tensor<T> {
    let mut f = f;
    Tensor::from_vec(indices(shape).iter().map(|i| f(i)).collect(), shape).unwrap()
}

/// Whether two tensors have one shape and nearly equal elements; NaN equals NaN.
#[track_caller]
pub fn assert_close<T: Element + Into<f64>>(got: &Tensor<T>, want: &Tensor<f64>, tolerance: f64) {
    assert_eq!(got.shape(), want.shape());
    for (got, want) in got.to_vec().into_iter().zip(want.to_vec()) {
        let got: f64 = got.into();
        let near = (got - want).abs() <= tolerance * want.abs().max(1.0);
        assert!(near || got == want || (got.is_nan() && want.is_nan()), "{got} is not {want}");
    }
}
