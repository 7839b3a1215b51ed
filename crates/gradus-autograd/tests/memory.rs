//! What a graph keeps alive, and when it lets go. The figures count the whole program, so this is
//! one test in a program of its own.

use std::sync::{Arc, Mutex};

use gradus_autograd::{
    At, Event, In, Keeps, Observer, Op, Result, Var, checkpoint, no_grad, observe,
};
use gradus_tensor::{Float, Tensor, memory};

const MIB: usize = 1 << 20;

/// Does nothing but note, on the way back, how much memory is in use.
#[derive(Debug)]
struct Probe(Arc<Mutex<Vec<usize>>>);

impl<T: Float> Op<T> for Probe {
    type Inputs = [In; 1];
    type Output = Tensor<T>;
    const NAME: &'static str = "probe";

    fn keeps(&self, _: &[bool]) -> Keeps {
        Keeps::NOTHING
    }
    fn forward(&self, [x]: [&Tensor<T>; 1]) -> Result<Tensor<T>> {
        Ok(x.clone())
    }
    fn vjp(&self, _: &At<'_, T, Self>, grad: &Var<T>) -> Result<[Option<Var<T>>; 1]> {
        if let Ok(mut notes) = self.0.lock() {
            notes.push(memory::stats().live / MIB);
        }
        Ok([Some(grad.clone())])
    }
}

/// The most memory that was in use when an operation had run.
struct Most(usize);

impl Observer for Most {
    fn ran(&mut self, _: &Event<'_>) {
        self.0 = self.0.max(live());
    }
}

/// A leaf of 1 MiB.
fn large() -> Var<f32> {
    Var::leaf(Tensor::full([MIB / 4], 0.5))
}

fn live() -> usize {
    memory::stats().live / MIB
}

#[test]
fn memory_is_let_go() {
    assert_eq!(live(), 0);

    // Operations whose derivative needs nothing keep nothing: a long chain, forward and backward,
    // holds a few tensors at a time.
    let x = large();
    let mut y = x.clone();
    for _ in 0..1000 {
        y = y.scale(1.001).add(&x).unwrap().shift(-0.5);
    }
    let gradients = y.sum().backward().unwrap();
    let peak = memory::stats().peak / MIB;
    assert!((2..=6).contains(&peak), "{peak} MiB for a chain that keeps nothing");
    drop((gradients, y, x));
    assert_eq!(live(), 0);

    // Operations that keep their output hold one tensor each; backward frees each as it passes.
    let notes = Arc::new(Mutex::new(Vec::new()));
    let x = large();
    let mut y = x.clone();
    for _ in 0..50 {
        y = Var::apply(Probe(Arc::clone(&notes)), [&y.sigmoid()]).unwrap();
    }
    let loss = y.sum();
    drop(y);
    assert_eq!(live(), 51);
    let gradients = loss.backward().unwrap();
    // The leaf and its gradient.
    assert_eq!(live(), 2);
    let notes = notes.lock().unwrap().clone();
    assert_eq!(notes.len(), 50);
    // 50 outputs and the leaf, and at most two gradients; one output fewer at every step.
    for (step, &live) in notes.iter().enumerate() {
        assert!(live <= 53 - step, "{live} MiB at step {step}");
    }
    assert!(notes.windows(2).all(|pair| pair[1] <= pair[0]), "{notes:?}");
    drop((gradients, x));
    assert_eq!(live(), 0);

    // A graph that is never run backward goes whole, and one that is not recorded never was.
    let x = large();
    let y = (0..20).fold(x.clone(), |y, _| y.exp().sigmoid());
    assert!(live() >= 40);
    drop(y);
    assert_eq!(live(), 1);
    let y = no_grad(|| (0..20).fold(x.clone(), |y, _| y.exp().sigmoid()));
    assert_eq!(live(), 2);
    drop((x, y));
    assert_eq!(live(), 0);

    // Twelve blocks of eight layers that keep their outputs: without checkpoints all 96 of them are held,
    // with one around each block the twelve inputs and the inside of one.
    let peak = |within: fn(&dyn Fn() -> Var<f32>) -> Var<f32>| {
        let x = large();
        let mut y = x.clone();
        for _ in 0..12 {
            let input = y.clone();
            y = within(&|| (0..8).fold(input.clone(), |y, _| y.sigmoid()));
        }
        let loss = y.sum();
        drop(y);
        let held = live();
        // The most that is held on the way back, seen by an observer.
        let (gradients, most) = observe(Most(0), || loss.backward());
        drop(gradients.unwrap());
        (held, most.0)
    };
    assert_eq!(peak(|block| block()).0, 1 + 96);
    let (held, most) = peak(|block| checkpoint(block));
    assert_eq!(held, 12, "the leaf, and the inputs of eleven more blocks");
    assert!((12 + 7..=12 + 8 + 3).contains(&most), "{most} MiB on the way back");
    assert_eq!(live(), 0);

    // An error on the way back leaves nothing behind either.
    let x = large();
    let loss = (0..5).fold(x.clone(), |y, _| y.sigmoid());
    assert!(loss.backward().is_err());
    assert_eq!(live(), 1);
}
