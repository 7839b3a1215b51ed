//! Long chains. Every test runs on a thread with a small stack, which any recursion along the chain
//! would overflow.

use std::thread;

use gradus_autograd::{Var, grad};

use crate::number;

const LONG: usize = 1_000_000;

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(256 << 10).spawn(work);
    thread.expect("a thread").join().expect("no panic");
}

fn chain(x: &Var<f64>, operations: usize) -> Var<f64> {
    (0..operations).fold(x.clone(), |y, _| y.shift(1.0))
}

#[test]
fn a_million_operations_run_backward() {
    on_a_small_stack(|| {
        let x = number(2.0);
        let y = chain(&x, LONG);
        assert_eq!(y.item(), Ok(1_000_002.0));
        let gradients = y.backward().unwrap();
        assert_eq!(gradients.of(&x).unwrap().item(), Ok(1.0));
    });
}

#[test]
fn a_million_operations_are_dropped_without_running_backward() {
    on_a_small_stack(|| drop(chain(&number(2.0), LONG)));
}

#[test]
fn a_million_diamonds_are_dropped() {
    on_a_small_stack(|| {
        let x = number(0.0);
        let y = (0..LONG / 2).fold(x.clone(), |y, _| y.sub(&y.shift(1.0)).unwrap());
        drop(y);
    });
}

#[test]
fn a_long_chain_that_others_still_hold_is_dropped() {
    on_a_small_stack(|| {
        let x = number(2.0);
        let middle = chain(&x, LONG / 4);
        let end = chain(&middle, LONG / 4);
        drop(end);
        // What the first half needs is still there.
        assert_eq!(middle.clone().backward().unwrap().of(&x).unwrap().item(), Ok(1.0));
        drop(middle);
    });
}

#[test]
fn a_derivative_of_a_long_chain_can_be_differentiated_and_dropped() {
    on_a_small_stack(|| {
        let x = number(1.0);
        let growth = 1.0_f64 + 1e-6;
        let y = (0..100_000).fold(x.clone(), |y, _| y.scale(growth));
        let [first] = grad(&y.square(), [&x], None).unwrap();
        let [second] = grad(&first, [&x], None).unwrap();
        let want = 2.0 * growth.powi(200_000);
        assert!((second.item().unwrap() - want).abs() < 1e-6 * want);
    });
}
