//! The same bits on any number of threads.

use gradus_tensor::{Rng, Tensor, threads};

use super::common::random;

/// A name, and the result's shape and bits.
type Results = Vec<(&'static str, Vec<usize>, Vec<u32>)>;

fn everything() -> Results {
    let mut rng = Rng::new(90);
    let x = random::<f32>(&[513, 401], &mut rng);
    let turned = x.transpose(0, 1).unwrap();
    let small = &x / 100.0;
    let row = random::<f32>(&[401], &mut rng);
    let stack = random::<f32>(&[7, 90, 110], &mut rng);
    let long = random::<f32>(&[300_007], &mut rng);
    let list = random::<i64>(&[5000], &mut rng).map(|i| i.rem_euclid(401));
    let rows = random::<f32>(&[5000, 30], &mut rng);
    let mut table = Tensor::<f32>::zeros([401, 30]);
    table.index_add(0, &list, &rows).unwrap();
    let index = list.reshape([500, 10]).unwrap();
    let mut scattered = x.clone();
    scattered
        .scatter_add(1, &index, &rows.slice(0, ..500).unwrap().slice(1, ..10).unwrap())
        .unwrap();
    let mut inplace = x.clone();
    inplace.add_scaled(&row, 0.3).unwrap();
    let all: Vec<(&'static str, Tensor)> = vec![
        ("sum", x.sum()),
        ("sum of a long vector", long.sum()),
        ("sum of a flipped one", long.flip(0).unwrap().sum()),
        ("sum over rows", x.sum_axes(&[1], false).unwrap()),
        ("sum over columns", x.sum_axes(&[0], false).unwrap()),
        ("sum of a transposed one", turned.sum_axes(&[0], false).unwrap()),
        ("sum over outer axes", stack.sum_axes(&[0, 2], false).unwrap()),
        ("mean", x.mean()),
        ("var", x.var_axes(&[0], false, 0).unwrap()),
        ("max", x.max_axes(&[1], false).unwrap()),
        ("matmul", x.matmul(&turned).unwrap()),
        ("matmul transposed", turned.matmul(&x).unwrap()),
        ("matmul of a stack", stack.matmul(&stack.transpose(1, 2).unwrap()).unwrap()),
        ("matmul by one matrix", stack.matmul(&x.slice(0, ..110).unwrap()).unwrap()),
        ("softmax", x.softmax(1).unwrap()),
        ("softmax over columns", x.softmax(0).unwrap()),
        ("logsumexp", x.logsumexp(0, false).unwrap()),
        ("exp", small.exp()),
        ("tanh", small.tanh()),
        ("broadcast", x.mul(&row).unwrap()),
        ("transposed", turned.contiguous().add(&turned).unwrap()),
        ("in place", inplace),
        ("index_add", table),
        ("scatter_add", scattered),
        ("select", x.select(1, &list).unwrap()),
        ("gather", x.gather(0, &index).unwrap()),
        ("concat", Tensor::concat(&[&x, &x.flip(0).unwrap()], 1).unwrap()),
        ("pad", x.pad(&[(3, 4), (5, 6)], 0.5).unwrap()),
        ("sort", x.sort(0, true).unwrap().0),
        ("cumsum", x.cumsum(1).unwrap()),
        ("random", Tensor::normal([40_000], 0.0, 1.0, &mut rng).unwrap()),
    ];
    let bits = |x: &Tensor| x.to_vec().into_iter().map(f32::to_bits).collect();
    all.iter().map(|(name, x)| (*name, x.shape().to_vec(), bits(x))).collect()
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let alone = threads::with_count(1, everything).unwrap();
    for count in [2, 3, 4] {
        let together = threads::with_count(count, everything).unwrap();
        for (one, many) in alone.iter().zip(&together) {
            assert!(one == many, "{} has other bits on {count} threads", one.0);
        }
    }
}

#[test]
fn large_products_have_the_same_bits_on_any_number_of_threads() {
    let mut rng = Rng::new(91);
    for [m, k, n] in
        [[512, 512, 512], [64, 784, 128], [3000, 27, 64], [10, 5000, 10], [1, 700, 3000]]
    {
        let (a, b) = (random::<f32>(&[m, k], &mut rng), random::<f32>(&[k, n], &mut rng));
        let product =
            || (a.matmul(&b).unwrap().to_vec(), a.cast::<f64>().matmul(&b.cast()).unwrap());
        let alone = threads::with_count(1, product).unwrap();
        for count in [2, 4] {
            let together = threads::with_count(count, product).unwrap();
            assert!(alone == together, "{m} x {k} x {n} on {count} threads");
        }
    }
}
