//! Graphs of every form, and derivatives of every order.

use gradus_autograd::check::{self, inputs};
use gradus_autograd::{Param, Result, Var, grad};
use gradus_tensor::Tensor;

use crate::number;

/// The gradient of one number with respect to another, once more a variable.
fn slope(y: &Var<f64>, x: &Var<f64>) -> Var<f64> {
    let [slope] = grad(y, [x], None).unwrap();
    slope
}

#[test]
fn third_derivatives_are_those_of_the_formulas() {
    let at = 0.7_f64;
    // (function, its third derivative at 0.7)
    type Case = (&'static str, fn(&Var<f64>) -> Result<Var<f64>>, f64);
    let t = at.tanh();
    let s = 1.0 / (1.0 + (-at).exp());
    let cases: [Case; 7] = [
        ("x³ by products", |x| x.mul(x)?.mul(x), 6.0),
        ("x³ by a power", |x| Ok(x.powf(3.0)), 6.0),
        ("sin", |x| Ok(x.sin()), -at.cos()),
        ("exp 2x", |x| Ok(x.scale(2.0).exp()), 8.0 * (2.0 * at).exp()),
        ("ln", |x| Ok(x.ln()), 2.0 / at.powi(3)),
        ("tanh", |x| Ok(x.tanh()), -2.0 * (1.0 - t * t) * (1.0 - 3.0 * t * t)),
        ("sigmoid", |x| Ok(x.sigmoid()), s * (1.0 - s) * (1.0 - 6.0 * s + 6.0 * s * s)),
    ];
    for (name, function, want) in cases {
        let x = number(at);
        let third = slope(&slope(&slope(&function(&x).unwrap(), &x), &x), &x).item().unwrap();
        assert!((third - want).abs() < 1e-12, "{name}: {third}, wanted {want}");
    }
}

#[test]
fn mixed_third_derivatives_agree_whatever_their_order() {
    let (x, y) = (number(0.3), number(-1.2));
    let z = x.mul(&y).unwrap().sin().mul(&x.exp()).unwrap();
    let along = |path: [&Var<f64>; 3]| {
        path.iter().fold(z.clone(), |z, axis| slope(&z, axis)).item().unwrap()
    };
    let [a, b, c] = [along([&x, &x, &y]), along([&x, &y, &x]), along([&y, &x, &x])];
    assert!((a - b).abs() < 1e-12 && (a - c).abs() < 1e-12, "{a} {b} {c}");
}

#[test]
fn a_gradient_has_derivatives_of_its_own() {
    // The second derivative of a derivative is the third: of a small network with softmax.
    let function = |x: &[Var<f64>]| {
        let hidden = x[0].matmul(&x[1])?.tanh();
        let loss = hidden.log_softmax(-1)?.square().sum();
        let [slope] = grad(&loss, [&x[0]], None)?;
        Ok(slope)
    };
    let leaves = |x: &[Var<f64>]| {
        let tracked =
            |x: &Var<f64>| if x.is_tracked() { x.clone() } else { Var::leaf(x.value().clone()) };
        function(&x.iter().map(tracked).collect::<Vec<_>>())
    };
    let values = [inputs::normal([2, 3], 1), inputs::normal([3, 4], 2)];
    check::gradient(leaves, &values).unwrap();
    check::second(leaves, &values).unwrap();
}

#[test]
fn paths_that_part_and_join_are_added() {
    // z = (2x + x²)², z′ = 2 (2x + x²) (2 + 2x)
    let x = number(3.0);
    let y = x.scale(2.0).add(&x.square()).unwrap();
    let z = y.mul(&y).unwrap();
    assert_eq!(z.backward().unwrap().of(&x).unwrap().item(), Ok(2.0 * 15.0 * 8.0));
}

#[test]
fn shared_parts_are_visited_once() {
    // 60 doublings: visiting every path on its own would take 2⁶⁰ steps.
    let x = number(1.0_f64);
    let y = (0..60).fold(x.clone(), |y, _| y.add(&y).unwrap());
    assert_eq!(y.backward().unwrap().of(&x).unwrap().item(), Ok(2.0_f64.powi(60)));
}

#[test]
fn a_leaf_used_many_times_gets_the_sum() {
    let x = Var::leaf(Tensor::vector([1.0_f32, 2.0]));
    let mut y = Var::constant(Tensor::vector([0.0, 0.0]));
    for _ in 0..100 {
        y = y.add(&x).unwrap();
    }
    let y = y.mul(&x).unwrap().sum();
    // 100 Σ x²
    assert_eq!(y.backward().unwrap().of(&x).unwrap().to_vec(), [200.0, 400.0]);
}

#[test]
fn the_gradient_of_a_leaf_itself_is_one() {
    let x = number(5.0_f32);
    assert_eq!(x.clone().backward().unwrap().of(&x).unwrap().item(), Ok(1.0));
    let [slope] = grad(&x, [&x], None).unwrap();
    assert_eq!(slope.item(), Ok(1.0));
}

#[test]
fn grad_reaches_what_is_no_leaf() {
    let x = number(3.0);
    let y = x.square();
    let z = y.mul(&x).unwrap();
    // z = y x: ∂z/∂y = x, ∂z/∂x = y + x · 2x
    let [dz, dy, dx] = grad(&z, [&z, &y, &x], None).unwrap();
    assert_eq!([dz.item(), dy.item(), dx.item()], [Ok(1.0), Ok(3.0), Ok(27.0)]);
}

#[test]
fn grad_is_zero_where_nothing_depends() {
    let (x, other) = (number(3.0), Var::leaf(Tensor::<f64>::ones([2, 3])));
    let [slope] = grad(&x.exp(), [&other], None).unwrap();
    assert_eq!(slope.value(), &Tensor::zeros([2, 3]));
    // What came after the output does not count either.
    let y = x.exp();
    let later = y.scale(2.0);
    let [slope] = grad(&y, [&later], None).unwrap();
    assert_eq!(slope.item(), Ok(0.0));
}

#[test]
fn grad_takes_a_weight_for_outputs_of_many_elements() {
    let x = Var::leaf(Tensor::vector([1.0_f64, 2.0, 3.0]));
    let weight = Var::leaf(Tensor::vector([1.0, 10.0, 100.0]));
    let [slope] = grad(&x.square(), [&x], Some(&weight)).unwrap();
    assert_eq!(slope.value().to_vec(), [2.0, 40.0, 600.0]);
    // Linear in the weight, and differentiable with respect to it.
    let [back] = grad(&slope.sum(), [&weight], None).unwrap();
    assert_eq!(back.value().to_vec(), [2.0, 4.0, 6.0]);
}

#[test]
fn a_graph_that_is_kept_can_run_backward_again() {
    let x = number(2.0_f32);
    let y = x.square();
    for _ in 0..2 {
        assert_eq!(y.clone().backward().unwrap().of(&x).unwrap().item(), Ok(4.0));
    }
}

#[test]
fn a_graph_made_on_one_thread_runs_backward_on_another() {
    let x = number(2.0_f32);
    let y = x.square();
    let gradients = std::thread::spawn(move || y.backward().unwrap()).join().unwrap();
    assert_eq!(gradients.of(&x).unwrap().item(), Ok(4.0));
}

#[test]
fn values_that_change_later_do_not_reach_the_graph() {
    let mut weight = Param::new(Tensor::vector([2.0_f32, 3.0]));
    let loss = weight.var().square().sum();
    weight.value_mut().map_inplace(|_| 100.0);
    let gradients = loss.backward().unwrap();
    assert_eq!(gradients.get(weight.id()).unwrap().to_vec(), [4.0, 6.0]);
}
