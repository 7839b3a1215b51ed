//! temporary
use gradus_tensor::*;
use std::time::Instant;
fn time(mut f: impl FnMut()) -> f64 {
    f();
    let mut best = f64::MAX;
    for _ in 0..15 { let t = Instant::now(); f(); best = best.min(t.elapsed().as_secs_f64()); }
    best
}
fn main() {
    let mut rng = Rng::new(1);
    let mut n = |s: [usize; 4]| Tensor::<f32>::normal(s, 0.0, 1.0, &mut rng).unwrap().channels_last().unwrap();
    for threads in [1, 2] {
      println!("threads {threads}");
      for (c, o, h, k, s, groups) in [(16,16,32,3,1,1),(32,32,16,3,1,1),(64,64,8,3,1,1),(64,64,14,3,1,1),(1,32,28,3,1,1),(3,16,32,3,1,1),(32,64,14,3,1,1),(16,32,32,3,2,1),(64,64,14,1,1,1),(64,64,14,3,1,64)] {
        let spec = Conv2dSpec { stride: [s, s], padding: [k/2, k/2], groups, ..Default::default() };
        let x = n([64, c, h, h]); let w = n([o, c/groups, k, k]);
        threads::with_count(threads, || {
            let y = conv2d(&x, &w, &spec).unwrap();
            let flop = 2.0 * (y.len() * c / groups * k * k) as f64;
            let f = time(|| drop(conv2d(&x, &w, &spec).unwrap()));
            let i = time(|| drop(conv2d_input_grad(&y, &w, x.shape(), &spec).unwrap()));
            let g = time(|| drop(conv2d_weight_grad(&x, &y, w.shape(), &spec).unwrap()));
            println!("{c:3}->{o:3} {h}x{h} k{k} s{s} g{groups}: fwd {:6.1} ({:.2} ms) dx {:6.1} dw {:6.1} GFLOP/s", flop/f/1e9, f*1e3, flop/i/1e9, flop/g/1e9);
        }).unwrap();
      }
      let x = n([64, 32, 28, 28]);
      threads::with_count(threads, || {
        let spec = Pool2dSpec::new([2,2]);
        let (y, p) = max_pool2d(&x, &spec).unwrap();
        let flat = x.contiguous();
        println!("64x32x28x28 max {:.3} ms, grad {:.3}, gather {:.3}, avg {:.3}, avg grad {:.3}; mean_var cl {:.3} nchw {:.3}; to cl {:.3} back {:.3}; map {:.3}",
          1e3*time(|| drop(max_pool2d(&x, &spec).unwrap())), 1e3*time(|| drop(max_pool2d_grad(&y, &p, x.shape()).unwrap())),
          1e3*time(|| drop(max_pool2d_gather(&x, &p).unwrap())),
          1e3*time(|| drop(avg_pool2d(&x, &spec).unwrap())), 1e3*time(|| drop(avg_pool2d_grad(&y, x.shape(), &spec).unwrap())),
          1e3*time(|| drop(x.mean_var(&[0,2,3], true).unwrap())), 1e3*time(|| drop(flat.mean_var(&[0,2,3], true).unwrap())),
          1e3*time(|| drop(flat.channels_last().unwrap())), 1e3*time(|| drop(x.contiguous())), 1e3*time(|| drop(x.map(|x| x + 1.0))));
      }).unwrap();
    }
}
