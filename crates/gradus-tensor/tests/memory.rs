//! The memory pool. Its figures are those of the whole program, so these tests take turns.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gradus_tensor::{Rng, Tensor, memory};

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something like a training step: products, elementwise work, reductions, an update in place.
fn step(weight: &mut Tensor, x: &Tensor, labels: &Tensor<i64>) -> f32 {
    let scores = x.matmul(weight).unwrap();
    let log = scores.log_softmax(1).unwrap();
    let loss = -&log.gather(1, &labels.unsqueeze(1).unwrap()).unwrap().mean();
    let errors = log.exp().sub(&labels.one_hot(32).unwrap()).unwrap();
    let gradient = x.transpose(0, 1).unwrap().matmul(&errors).unwrap();
    weight.add_scaled(&gradient, -1e-3).unwrap();
    let both = Tensor::concat(&[&scores, &errors], 1).unwrap();
    loss.item().unwrap() + 0.0 * both.sum().item().unwrap()
}

#[test]
fn repeated_steps_ask_the_system_for_no_memory() {
    let _turn = turn();
    let rng = &mut Rng::new(1);
    let mut weight = Tensor::normal([128, 32], 0.0, 0.1, rng).unwrap();
    let x = Tensor::normal([256, 128], 0.0, 1.0, rng).unwrap();
    let labels = Tensor::<i64>::arange(256).map(|i| i % 32);
    let first = step(&mut weight, &x, &labels);
    step(&mut weight, &x, &labels);
    let before = memory::stats();
    let mut last = first;
    for _ in 0..1000 {
        last = step(&mut weight, &x, &labels);
    }
    let after = memory::stats();
    assert!(last < first, "the loss went from {first} to {last}");
    assert_eq!(after.system_requests, before.system_requests);
    assert_eq!(after.live, before.live, "a buffer leaked");
    assert_eq!(after.peak, before.peak);
    assert_eq!(after.cached, before.cached);
}

#[test]
fn live_and_peak_follow_the_tensors() {
    let _turn = turn();
    let before = memory::stats();
    let x = Tensor::<f32>::zeros([1 << 20]);
    let with = memory::stats();
    assert_eq!(with.live - before.live, 4 << 20);
    assert!(with.peak >= with.live);
    let views = (x.clone(), x.slice(0, 5..).unwrap(), x.reshape([1024, 1024]).unwrap());
    assert_eq!(memory::stats().live, with.live, "views take no memory");
    drop(x);
    assert_eq!(memory::stats().live, with.live, "the views keep it alive");
    drop(views);
    assert_eq!(memory::stats().live, before.live);
    assert!(memory::stats().peak >= with.live);
}

#[test]
fn freed_blocks_are_used_again_and_can_be_given_back() {
    let _turn = turn();
    memory::trim();
    assert_eq!(memory::stats().cached, 0);
    drop(Tensor::<f32>::zeros([1 << 18]));
    let kept = memory::stats();
    assert_eq!(kept.cached, 1 << 20);
    let x = Tensor::<f64>::zeros([1 << 17]);
    assert_eq!(memory::stats().system_requests, kept.system_requests, "another type, same block");
    assert_eq!(memory::stats().cached, 0);
    assert_eq!(x.as_slice().unwrap().as_ptr() as usize % 64, 0);
    drop(x);
    assert_eq!(memory::trim(), 1 << 20);
    assert_eq!(memory::stats().cached, 0);
}

#[test]
fn stale_memory_is_never_seen() {
    let _turn = turn();
    for n in [10, 5000] {
        drop(Tensor::full([n], 0xff_u8));
        let flags = Tensor::full([n], false);
        assert!(!flags.any());
        drop(Tensor::full([n], u8::MAX));
        let same = flags.map(|x| !x);
        assert!(same.all());
        drop(Tensor::full([n], f32::NAN));
        assert_eq!(Tensor::<f32>::zeros([n]).sum().item().unwrap(), 0.0);
    }
}

#[test]
fn what_the_next_step_needs_is_kept_between_steps() {
    let _turn = turn();
    memory::trim();
    // A step that needs half as much again as the slack; then nothing is alive.
    let step = || drop([0; 6].map(|_| Tensor::full([16 << 20], 1_u8)));
    step();
    let before = memory::stats();
    assert!(before.cached >= 6 << 24);
    // A size that has not been seen, as scratch memory of a thread may be.
    drop(Tensor::full([3 << 20], 1_u8));
    step();
    assert_eq!(memory::stats().system_requests, before.system_requests + 1);
    memory::trim();
}

#[test]
fn unused_memory_does_not_pile_up() {
    let _turn = turn();
    memory::trim();
    // Every size is another one, so nothing is used again.
    for i in 0..200 {
        drop(Tensor::full([(1 << 18) + (i << 16)], 1_u8));
        drop(Tensor::full([1 << 20 << (i % 6)], 1_u8));
    }
    let stats = memory::stats();
    assert!(stats.cached <= 256 << 20, "{} MiB lie unused", stats.cached >> 20);
}
