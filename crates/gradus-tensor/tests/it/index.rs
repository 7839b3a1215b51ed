//! Gather, scatter-add, select, index-add and one-hot against plain loops.

use gradus_tensor::{Rng, Tensor};

use super::common::{SHAPES, Sample, built, indices, layouts, random};

/// Indices below `dim` of the given shape, under every layout.
fn lists(shape: &[usize], dim: usize, rng: &mut Rng) -> Vec<(String, Tensor<i64>)> {
    let all = layouts::<i64>(shape, rng);
    all.into_iter().map(|(name, x)| (name, wrapped(&x, dim))).collect()
}

/// The numbers brought below `dim`, under the same layout.
fn wrapped(x: &Tensor<i64>, dim: usize) -> Tensor<i64> {
    // `map` would pack a strided view, so steps are put back.
    let y = x.map(|i| i.rem_euclid(dim.max(1) as i64));
    match x.as_slice() {
        Some(_) => y,
        None => y.flip(0).unwrap().contiguous().flip(0).unwrap(),
    }
}

fn with(index: &[usize], axis: usize, i: i64) -> Vec<usize> {
    let mut index = index.to_vec();
    index[axis] = i as usize;
    index
}

#[test]
fn select_takes_the_listed_elements() {
    let mut rng = Rng::new(60);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty()) {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            for axis in 0..shape.len() {
                let n = if shape[axis] == 0 { 0 } else { 4 };
                for (_, list) in lists(&[n], shape[axis], &mut rng) {
                    let mut result = shape.to_vec();
                    result[axis] = n;
                    let want = built(&result, |i| {
                        x.get(with(i, axis, list.get([i[axis]]).unwrap())).unwrap()
                    });
                    assert_eq!(x.select(axis as isize, &list).unwrap(), want, "{name} {axis}");
                }
            }
        }
    }
}

#[test]
fn select_from_large_tensors() {
    let mut rng = Rng::new(61);
    for shape in [[50, 3000, 1], [3, 50, 20_000], [7000, 50, 3], [2, 3, 50]] {
        let axis = shape.iter().position(|&n| n == 50).unwrap();
        let x = random::<f32>(&shape, &mut rng);
        let list = wrapped(&random(&[33], &mut rng), 50);
        let array = x.view();
        let picked: Vec<usize> = list.to_vec().iter().map(|&i| i as usize).collect();
        let want = array.select(gradus_tensor::ndarray::Axis(axis), &picked);
        let got = x.select(axis as isize, &list).unwrap();
        assert_eq!(got.view(), want);
        let turned = x.permute(&[2, 0, 1]).unwrap().contiguous().permute(&[1, 2, 0]).unwrap();
        assert_eq!(turned.select(axis as isize, &list).unwrap(), got);
    }
}

#[test]
fn gather_takes_elements_along_the_axis() {
    let mut rng = Rng::new(62);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty()) {
        for (name, x) in layouts::<f64>(shape, &mut rng) {
            for axis in 0..shape.len() {
                // As many or fewer than the tensor on the other axes, more on this one.
                for cut in [0, 1] {
                    let mut smaller = shape.to_vec();
                    smaller[axis] = if shape[axis] == 0 { 0 } else { 6 };
                    smaller[0] = smaller[0].saturating_sub(cut);
                    for (other, index) in lists(&smaller, shape[axis], &mut rng) {
                        let want = built(&smaller, |i| {
                            x.get(with(i, axis, index.get(i).unwrap())).unwrap()
                        });
                        let got = x.gather(axis as isize, &index).unwrap();
                        assert_eq!(got, want, "{name} by {other} {axis}");
                    }
                }
            }
        }
    }
}

/// A tensor with `source` added at the places that `place` gives for each index, one by one.
fn added<T: Sample + std::ops::AddAssign>(
    x: &Tensor<T>,
    source: &Tensor<T>,
    place: impl Fn(&[usize]) -> Vec<usize>,
) -> Tensor<T> {
    let mut array = x.to_ndarray();
    for index in indices(source.shape()) {
        array[place(&index).as_slice()] += source.get(&index).unwrap();
    }
    Tensor::from(array)
}

#[test]
fn scatter_add_adds_in_order() {
    let mut rng = Rng::new(63);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty() && !s.contains(&0)) {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            for axis in 0..shape.len() {
                for cut in [0, 1] {
                    let mut smaller = shape.to_vec();
                    smaller[axis] = 6;
                    smaller[0] = smaller[0].saturating_sub(cut);
                    let sources = layouts::<f32>(&smaller, &mut rng);
                    for ((other, index), (_, source)) in
                        lists(&smaller, shape[axis], &mut rng).into_iter().zip(sources)
                    {
                        let want = added(&x, &source, |i| with(i, axis, index.get(i).unwrap()));
                        let mut got = x.clone();
                        got.scatter_add(axis as isize, &index, &source).unwrap();
                        assert_eq!(got, want, "{name} by {other} {axis}");
                    }
                }
            }
        }
    }
}

#[test]
fn index_add_adds_in_order() {
    let mut rng = Rng::new(64);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty() && !s.contains(&0)) {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            for axis in 0..shape.len() {
                let mut parts = shape.to_vec();
                parts[axis] = 6;
                for (other, source) in layouts::<f32>(&parts, &mut rng) {
                    let list = wrapped(&random(&[6], &mut rng), shape[axis]);
                    let want = added(&x, &source, |i| with(i, axis, list.get([i[axis]]).unwrap()));
                    let mut got = x.clone();
                    got.index_add(axis as isize, &list, &source).unwrap();
                    assert_eq!(got, want, "{name} by {other} {axis}");
                }
            }
        }
    }
}

#[test]
fn adding_to_large_tensors() {
    let mut rng = Rng::new(65);
    for (shape, axis) in [([900, 50], 0), ([50, 900], 1), ([3, 40_000], 1), ([30_000, 2], 0)] {
        let mut parts = shape.to_vec();
        parts[axis] = 700;
        let source = random::<f32>(&parts, &mut rng);
        let list = wrapped(&random(&[700], &mut rng), shape[axis]);
        let x = random::<f32>(&shape, &mut rng);
        let want = added(&x, &source, |i| with(i, axis, list.get([i[axis]]).unwrap()));
        let mut got = x.clone();
        got.index_add(axis as isize, &list, &source).unwrap();
        assert_eq!(got, want);
        let list = list.unsqueeze(1 - axis as isize).unwrap().expand(&parts).unwrap();
        let mut got = x.clone();
        got.scatter_add(axis as isize, &list, &source).unwrap();
        assert_eq!(got, want);
    }
}

#[test]
fn adding_leaves_other_tensors_alone_and_nothing_changes_on_error() {
    let x = Tensor::<f32>::zeros([3]);
    let mut y = x.clone();
    y.scatter_add(0, &Tensor::vector([0]), &Tensor::vector([1.0])).unwrap();
    y.index_add(0, &Tensor::vector([0]), &y.clone().slice(0, ..1).unwrap()).unwrap();
    assert_eq!((x.to_vec(), y.to_vec()), (vec![0.0; 3], vec![2.0, 0.0, 0.0]));
    assert!(y.index_add(0, &Tensor::vector([0, 3]), &Tensor::ones([2])).is_err());
    assert!(y.scatter_add(0, &Tensor::vector([0, -1]), &Tensor::ones([2])).is_err());
    assert_eq!(y.to_vec(), [2.0, 0.0, 0.0]);
    let mut nothing = Tensor::<f32>::zeros([0, 3]);
    nothing.index_add(0, &Tensor::vector([]), &Tensor::zeros([0, 3])).unwrap();
    nothing.scatter_add(0, &Tensor::zeros([0, 2]), &Tensor::zeros([0, 2])).unwrap();
}

#[test]
fn one_hot_is_the_inverse_of_argmax() {
    let mut rng = Rng::new(66);
    for &shape in SHAPES {
        for (_, x) in layouts::<i64>(shape, &mut rng) {
            let classes = x.map(|x| x.rem_euclid(7));
            let hot: Tensor<f32> = classes.one_hot(7).unwrap();
            assert_eq!(hot.argmax(-1).unwrap(), classes);
            assert_eq!(hot.sum_axes(&[-1], false).unwrap(), Tensor::ones(shape));
        }
    }
    assert_eq!(Tensor::<i64>::zeros([0]).one_hot::<u8>(0).unwrap().shape(), [0, 0]);
}
