//! scratch
use std::time::Instant;
use gradus_autograd::*;
use gradus_tensor::*;
fn time(name: &str, bytes: usize, mut f: impl FnMut()) {
    for _ in 0..3 { f(); }
    let n = 20;
    let mut best = f64::MAX;
    for _ in 0..n { let t = Instant::now(); f(); best = best.min(t.elapsed().as_secs_f64()); }
    println!("{name:40} {:9.3} ms {:7.2} GB/s", best * 1e3, bytes as f64 / best / 1e9);
}
fn main() {
    let mut rng = Rng::new(0);
    println!("threads {} {}", threads::count(), simd::level());
    for shape in [vec![64, 16, 28, 28], vec![64, 64, 28, 28], vec![64,64,7,7], vec![64, 512]] {
        let x: Tensor = Tensor::normal(&shape, 0.0, 1.0, &mut rng).unwrap();
        let c = shape[1];
        for (l, x) in [("nchw", x.clone()), ("nhwc", x.channels_last().unwrap())] {
            let one = Tensor::<f32>::ones([c]);
            let b = x.len() * 4;
            time(&format!("{shape:?} {l} copy"), 2 * b, || { let _ = x.map(|x| x + 1.0); });
            let (m, v) = x.mean_var(&(0..x.rank() as isize).filter(|&a| a != 1).collect::<Vec<_>>(), false).unwrap();
            time(&format!("{shape:?} {l} mean_var"), b, || { x.mean_var(&(0..x.rank() as isize).filter(|&a| a != 1).collect::<Vec<_>>(), false).unwrap(); });
            time(&format!("{shape:?} {l} channel_norm"), 2 * b, || { channel_norm(&x, &m, &v, &one).unwrap(); });
            time(&format!("{shape:?} {l} bn_grad(no dx)"), 2 * b, || { batch_norm_grad(&x, &x, &m, &v, &one, false).unwrap(); });
            time(&format!("{shape:?} {l} bn_grad"), 5 * b, || { batch_norm_grad(&x, &x, &m, &v, &one, true).unwrap(); });
        }
    }
    for shape in [vec![4096, 64], vec![4096, 512], vec![512, 4096]] {
        let x: Tensor = Tensor::normal(&shape, 0.0, 1.0, &mut rng).unwrap();
        let one = Tensor::<f32>::ones([shape[1]]);
        let b = x.len() * 4;
        time(&format!("{shape:?} copy"), 2 * b, || { let _ = x.map(|x| x + 1.0); });
        time(&format!("{shape:?} layer_norm"), 2 * b, || { layer_norm(&x, &one, &one, 1e-5).unwrap(); });
        time(&format!("{shape:?} layer_norm_grad"), 3 * b, || { layer_norm_grad(&x, &x, &one, 1e-5).unwrap(); });
        time(&format!("{shape:?} dropout mask"), b / 4, || { Tensor::random_mask(&shape, 0.5, &mut rng).unwrap(); });
        let v = Var::leaf(x.clone());
        time(&format!("{shape:?} dropout"), 2 * b, || { v.dropout(0.1, &mut rng).unwrap(); });
        time(&format!("{shape:?} exp"), 2 * b, || { let _ = x.exp(); });
        time(&format!("{shape:?} softmax"), 2 * b, || { x.softmax(1).unwrap(); });
        time(&format!("{shape:?} ln"), 2 * b, || { let _ = x.ln(); });
        time(&format!("{shape:?} ln_1p"), 2 * b, || { let _ = x.map(|x| x.ln_1p()); });
        time(&format!("{shape:?} relu"), 2 * b, || { let _ = x.map(|x| x.maximum(0.0)); });
        time(&format!("{shape:?} max"), 2 * b, || { let _ = x.max_axes(&[1], false); });
        let labels = Tensor::<i64>::arange(shape[0]).map(|i| i % 10);
        let o = CrossEntropyOptions::default();
        time(&format!("{shape:?} log_softmax"), 2 * b, || { x.log_softmax(1).unwrap(); });
        time(&format!("{shape:?} cross_entropy"), b, || { v.cross_entropy(&labels, &o).unwrap(); });
        time(&format!("{shape:?} cross_entropy+backward"), 3 * b, || { v.cross_entropy(&labels, &o).unwrap().backward().unwrap(); });
        time(&format!("{shape:?} mse+backward"), 5 * b, || { v.mse_loss(&Var::from(&x), Reduction::Mean).unwrap().backward().unwrap(); });
        time(&format!("{shape:?} bce+backward"), 5 * b, || { v.bce_with_logits(&Var::from(&x), None, Reduction::Mean).unwrap().backward().unwrap(); });
    }
    let x = Var::leaf(Tensor::<f32>::normal([64, 10], 0.0, 1.0, &mut rng).unwrap());
    let labels = Tensor::<i64>::arange(64).map(|i| i % 10);
    let o = CrossEntropyOptions::default();
    time("[64, 10] cross_entropy+backward", 7680, || { x.cross_entropy(&labels, &o).unwrap().backward().unwrap(); });
    for (n, i, o) in [(64, 784, 128), (64, 128, 10), (256, 512, 512)] {
        let x = Var::from(Tensor::<f32>::normal([n, i], 0.0, 1.0, &mut rng).unwrap());
        let w = Var::leaf(Tensor::<f32>::normal([o, i], 0.0, 1.0, &mut rng).unwrap());
        let b = Var::leaf(Tensor::<f32>::normal([o], 0.0, 1.0, &mut rng).unwrap());
        time(&format!("linear {n} {i} {o} forward: GF as GB"), 2 * n * i * o, || { x.linear(&w, &b).unwrap(); });
        time(&format!("linear {n} {i} {o} matmul only"), 2 * n * i * o, || { x.value().matmul(&w.value().transpose(0, 1).unwrap()).unwrap(); });
        time(&format!("linear {n} {i} {o} fwd+bwd"), 4 * n * i * o, || { x.linear(&w, &b).unwrap().sum().backward().unwrap(); });
    }
}
