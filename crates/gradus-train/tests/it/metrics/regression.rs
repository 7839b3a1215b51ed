//! Errors of numbers beside scikit-learn, and means.

use gradus_autograd::Var;
use gradus_tensor::Tensor;
use gradus_train::Result;
use gradus_train::metrics::{Goal, Mae, Mean, Metric, Numbers, Perplexity, R2, Rmse};
use serde_json::Value;

use super::parts::Take;
use super::{all_near, floats, in_parts, list, near, recorded, shape, text};

/// The metric of a case, whose samples come in batches of one to three.
fn measure<M: for<'a> Metric<Batch<'a> = Numbers<'a>>>(fresh: M, case: &Value) -> M {
    let shape = shape(&case["shape"]);
    let tensor = |key: &str| Tensor::from_vec(floats(&case[key]), &shape[..]).unwrap();
    let (predictions, targets) = (tensor("predictions"), tensor("targets"));
    let single = text(&case["type"]) == "f32";
    let mut takes: Vec<Take<'_, M>> = Vec::new();
    let mut from = 0;
    while from < shape[0] {
        let to = (from + 1 + takes.len() % 3).min(shape[0]);
        let part = |x: &Tensor<f64>| x.slice(0, from..to).unwrap();
        let (p, t) = (part(&predictions), part(&targets));
        takes.push(if single {
            let (p, t): (Tensor<f32>, Tensor<f32>) = (p.cast(), t.cast());
            Box::new(move |metric| metric.add((&p, &t)))
        } else {
            Box::new(move |metric| metric.add((&p, &t)))
        });
        from = to;
    }
    in_parts(&fresh, &takes)
}

#[test]
fn errors_of_numbers_are_those_of_scikit_learn() {
    let file = recorded("scikit_learn.json");
    for case in list(&file["numbers"]) {
        let name = text(&case["name"]);
        near(name, measure(Mae::new(), case).value(), case["mae"].as_f64().unwrap());
        near(name, measure(Rmse::new(), case).value(), case["rmse"].as_f64().unwrap());
        let r2 = measure(R2::new(), case);
        near(name, r2.value(), case["r2"].as_f64().unwrap());
        all_near(name, &r2.per_output(), &floats(&case["per_output"]));
    }
}

#[test]
fn variables_are_taken_as_their_values() {
    let (p, t) = (Tensor::<f32>::vector([1.0, 2.0]), Tensor::vector([1.5, 4.0]));
    assert_eq!(
        Mae::new().of((&Var::leaf(p.clone()), &t)).unwrap(),
        Mae::new().of((&p, &t)).unwrap()
    );
    let (p, t) = (Tensor::<f64>::vector([1.0, 2.0]), Tensor::vector([1.5, 4.0]));
    assert_eq!(R2::new().of((&Var::leaf(p.clone()), &t)).unwrap(), R2::new().of((&p, &t)).unwrap());
}

#[test]
fn a_mean_far_from_zero_keeps_its_digits() {
    // Targets 10^12 + {0, 1, 2}: their squares have 80 bits. R² = 1 - (1/4 + 0 + 1/4) / 2.
    let t = Tensor::<f64>::vector([1e12, 1e12 + 1.0, 1e12 + 2.0]);
    let p = Tensor::vector([1e12 + 0.5, 1e12 + 1.0, 1e12 + 1.5]);
    assert_eq!(R2::new().of((&p, &t)).unwrap().value(), 0.75);
    // A sum of 2⁵³ and many ones.
    let mut mean = Mean::new("x");
    mean.add((2.0_f64.powi(53), 1)).unwrap();
    (0..1000).for_each(|_| mean.add((1.0_f64, 1)).unwrap());
    mean.add((-2.0_f64.powi(53), 1)).unwrap();
    assert_eq!(mean.value(), 1000.0 / 1002.0);
}

#[test]
fn nan_and_infinity_show() {
    let t = Tensor::<f64>::vector([1.0, 2.0, 4.0]);
    for (odd, error) in [(f64::NAN, f64::NAN), (f64::INFINITY, f64::INFINITY)] {
        let p = Tensor::vector([1.0, odd, 4.0]);
        let values = [
            Mae::new().of((&p, &t)).unwrap().value(),
            Rmse::new().of((&p, &t)).unwrap().value(),
            -R2::new().of((&p, &t)).unwrap().value(),
        ];
        assert!(
            values.iter().all(|v| v.to_bits() == error.to_bits() || v.is_nan() && error.is_nan()),
            "{values:?}"
        );
        assert!(R2::new().of((&t, &p)).unwrap().value().is_nan());
    }
}

#[test]
fn nothing_says_nothing() {
    let none = Tensor::<f64>::zeros([0]);
    assert!(Mae::new().of((&none, &none)).unwrap().value().is_nan());
    assert!(Rmse::new().of((&none, &none)).unwrap().value().is_nan());
    assert!(R2::new().value().is_nan() && R2::new().of((&none, &none)).unwrap().value().is_nan());
    let one = Tensor::<f64>::vector([1.0]);
    assert!(R2::new().of((&one, &one)).unwrap().value().is_nan());
    assert!(Mean::new("x").of((5.0_f64, 0)).unwrap().value().is_nan());
    assert!(Perplexity::new().of((5.0_f64, 0)).unwrap().value().is_nan());
}

#[test]
fn means_weigh_what_they_stand_for() {
    fn takes<'a, M: Metric>(
        add: impl Fn(&mut M, f64, usize) -> Result<()> + Copy + 'a,
    ) -> Vec<Take<'a, M>> {
        [(0.1, 3), (0.7, 64), (1e-9, 5), (2.5, 0), (3.0, 1)]
            .map(|(mean, count)| {
                Box::new(move |metric: &mut M| add(metric, mean, count)) as Take<'a, M>
            })
            .into()
    }
    let wanted: f64 = (0.1 * 3.0 + 0.7 * 64.0 + 1e-9 * 5.0 + 3.0) / 73.0;
    let mean = in_parts(&Mean::new("loss"), &takes(|m: &mut Mean, x, n| m.add((x, n))));
    near("mean", mean.value(), wanted);
    assert_eq!((mean.count(), mean.name().as_str(), mean.goal()), (73, "loss", Goal::Lower));
    assert_eq!(mean.higher().goal(), Goal::Higher);
    let perplexity = in_parts(&Perplexity::new(), &takes(|m: &mut Perplexity, x, n| m.add((x, n))));
    near("perplexity", perplexity.value(), wanted.exp());
    assert_eq!(perplexity.tokens(), 73);
    let single = Mean::new("x").of((0.1_f32, 2)).unwrap();
    assert_eq!(single.value(), f64::from(0.1_f32));
}
