//! Sorting and the largest elements; triangles of matrices.

use gradus_tensor::{Rng, Tensor};

use super::common::{SHAPES, built, layouts};

/// The indices of a lane in order: NaN last, equals as they stood.
fn ranked(lane: &[f32], descending: bool) -> Vec<i64> {
    let mut order: Vec<i64> = (0..lane.len() as i64).collect();
    // The sort of the standard library is stable.
    order.sort_by(|&i, &j| {
        let (x, y) = (lane[i as usize], lane[j as usize]);
        let less = if descending { y.partial_cmp(&x) } else { x.partial_cmp(&y) };
        less.unwrap_or_else(|| x.is_nan().cmp(&y.is_nan()))
    });
    order
}

#[test]
fn every_axis_of_every_layout() {
    let mut rng = Rng::new(80);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty()) {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            // Few values, so that many are equal, and some that are NaN.
            let x = x.map(|x| if x > 20.0 { f32::NAN } else { (x / 8.0).floor() });
            for (axis, &size) in shape.iter().enumerate() {
                for descending in [false, true] {
                    let want = built(shape, |index| {
                        let lane: Vec<f32> = (0..size)
                            .map(|i| {
                                let mut index = index.to_vec();
                                index[axis] = i;
                                x.get(index).unwrap()
                            })
                            .collect();
                        ranked(&lane, descending)[index[axis]]
                    });
                    let (values, indices) = x.sort(axis as isize, descending).unwrap();
                    assert_eq!(indices, want, "{name} {axis} {descending}");
                    assert_eq!(x.argsort(axis as isize, descending).unwrap(), want);
                    let bits = |x: &Tensor<f32>| x.map(|x| i64::from(x.to_bits()));
                    assert_eq!(bits(&values), bits(&x.gather(axis as isize, &want).unwrap()));
                    if descending {
                        for k in 0..=size {
                            let (values, indices) = x.topk(k, axis as isize).unwrap();
                            let first = want.slice(axis as isize, ..k).unwrap();
                            assert_eq!(indices, first);
                            assert_eq!(
                                bits(&values),
                                bits(&x.gather(axis as isize, &first).unwrap())
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn nan_comes_last_both_ways() {
    let x = Tensor::vector([2.0, f32::NAN, -1.0, f32::INFINITY]);
    let (values, indices) = x.sort(0, false).unwrap();
    assert_eq!(values.to_vec()[..3], [-1.0, 2.0, f32::INFINITY]);
    assert_eq!(indices.to_vec(), [2, 0, 3, 1]);
    assert_eq!(x.argsort(0, true).unwrap().to_vec(), [3, 0, 2, 1]);
    assert_eq!(x.topk(3, 0).unwrap().1.to_vec(), [3, 0, 2]);
    assert!(x.topk(4, 0).unwrap().0.to_vec()[3].is_nan());
}

#[test]
fn other_types_sort_too() {
    assert_eq!(Tensor::vector([3_i64, -5, 3]).argsort(0, true).unwrap().to_vec(), [0, 2, 1]);
    assert_eq!(Tensor::vector([true, false]).sort(0, false).unwrap().0.to_vec(), [false, true]);
    assert_eq!(Tensor::vector([7_u8, 9]).topk(1, -1).unwrap().0.to_vec(), [9]);
}

#[test]
fn triangles() {
    let mut rng = Rng::new(81);
    for shape in [vec![3, 4], vec![2, 4, 3], vec![0, 3], vec![3, 0], vec![2, 1, 5], vec![150, 140]]
    {
        for (_, x) in layouts::<i64>(&shape, &mut rng).into_iter().take(4) {
            for diagonal in [-5, -1, 0, 1, 5, isize::MAX, isize::MIN] {
                let below = |i: &[usize]| {
                    let [.., row, column] = i else { unreachable!() };
                    *column as i128 - *row as i128 <= diagonal as i128
                };
                let lower = built(&shape, |i| if below(i) { x.get(i).unwrap() } else { 0 });
                assert_eq!(x.tril(diagonal).unwrap(), lower);
                // What is not in the upper triangle is in the lower one of the diagonal before.
                let upper = x.triu(diagonal).unwrap();
                let rest = x.tril(diagonal.saturating_sub(1)).unwrap();
                if diagonal > isize::MIN {
                    assert_eq!(upper.add(&rest).unwrap(), x);
                } else {
                    assert_eq!(upper, x);
                }
            }
        }
    }
}
