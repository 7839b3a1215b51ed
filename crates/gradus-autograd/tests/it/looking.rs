//! Looking at graphs and at what runs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gradus_autograd::{
    Attribute, Event, Observer, Pass, Result, Var, grad, no_grad, observe, profile, trace,
};
use gradus_tensor::Tensor;

use crate::number;

#[derive(Default)]
struct Log(Vec<(String, Pass, bool)>);

impl Observer for Log {
    fn ran(&mut self, event: &Event<'_>) {
        self.0.push((event.op.to_string(), event.pass, event.inner));
        // What the observer computes is not shown to it.
        let _ = number(1.0_f32).exp();
    }
}

impl Log {
    fn names(&self, pass: Pass) -> Vec<&str> {
        let of = self.0.iter().filter(|(_, of, inner)| *of == pass && !inner);
        of.map(|(name, ..)| name.as_str()).collect()
    }
}

#[test]
fn every_operation_is_seen() -> Result<()> {
    let x = Var::leaf(Tensor::<f32>::ones([2, 3]));
    let work = || -> Result<_> {
        let y = x.exp().add(&x)?.affine(2.0, 1.0).scale(0.5).cast::<f64>().sum();
        let constant = no_grad(|| x.detach().ln());
        y.mul(&constant.cast::<f64>().sum())?.backward()
    };
    let (gradients, log) = observe(Log::default(), work);
    gradients?;
    assert_eq!(
        log.names(Pass::Forward),
        ["exp", "add", "affine", "times", "cast", "sum", "ln", "cast", "sum", "mul"]
    );
    assert_eq!(log.names(Pass::Backward), ["mul", "sum", "cast", "times", "affine", "add", "exp"]);
    // Outside, nobody looks.
    assert!(x.exp().is_tracked());
    Ok(())
}

#[test]
fn an_observer_goes_when_the_work_panics() {
    let x = number(2.0_f32);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        observe(Log::default(), || -> () { panic!("on purpose") })
    }));
    assert!(panicked.is_err());
    let (_, log) = observe(Log::default(), || x.exp());
    assert_eq!(log.names(Pass::Forward), ["exp"]);
}

#[test]
fn nothing_is_computed_for_what_leads_to_no_input() -> Result<()> {
    let (x, weight) = (number(2.0_f64), number(3.0_f64));
    let mut hidden = weight.exp();
    for _ in 0..5 {
        hidden = hidden.sin();
    }
    let y = x.square().mul(&hidden)?;
    let (slope, log) = observe(Log::default(), || grad(&y, [&x], None));
    assert!((slope?[0].item()? - 4.0 * hidden.item()?).abs() < 1e-12);
    assert_eq!(log.names(Pass::Backward), ["mul", "square"]);
    Ok(())
}

#[test]
fn gradients_of_a_list() -> Result<()> {
    let x: Vec<Var<f64>> = [1.0, 2.0, 3.0].map(number).to_vec();
    let y = x[0].mul(&x[1])?.mul(&x[2])?;
    let all: Vec<&Var<f64>> = x.iter().collect();
    let grads = grad(&y, &all[..], None)?;
    assert_eq!(grads.iter().map(|g| g.item().unwrap()).collect::<Vec<_>>(), [6.0, 3.0, 2.0]);
    // One that is asked for twice is there twice.
    let twice = grad(&y, [&x[0], &x[0]], None)?;
    assert_eq!([twice[0].item()?, twice[1].item()?], [6.0, 6.0]);
    assert!(grad(&y, Vec::new(), None)?.is_empty());
    Ok(())
}

#[test]
fn a_profile_counts_and_measures() -> Result<()> {
    let x = Var::leaf(Tensor::<f32>::ones([64, 64]));
    let (gradients, profile) = profile(|| x.matmul(&x)?.matmul(&x)?.sum().backward());
    gradients?;
    assert_eq!(profile.count("matmul", Pass::Forward), 2);
    assert_eq!(profile.count("matmul", Pass::Backward), 2);
    assert!(profile.time("matmul", Pass::Forward) <= profile.total());
    let table = profile.to_string();
    assert!(table.lines().count() == 5 && table.contains("matmul"), "{table}");
    Ok(())
}

#[test]
fn a_graph_tells_operations_settings_and_shapes() -> Result<()> {
    let x = Var::leaf(Tensor::<f32>::ones([2, 3]));
    let index = Tensor::from_vec(vec![0_i64, 1], [2, 1])?;
    let y = x.log_softmax(-1)?.gather(1, &index)?.permute(&[1, 0])?;
    let graph = y.graph();
    let names: Vec<_> = graph.nodes().iter().map(|node| node.name()).collect();
    assert_eq!(names, ["leaf", "log_softmax", "gather", "permute"]);
    let gather = &graph.nodes()[2];
    assert_eq!(gather.attributes().get("axis"), Some(&Attribute::Int(1)));
    assert_eq!(gather.attributes().get("index"), Some(&Attribute::Index(index)));
    assert_eq!(gather.inputs()[0].from, Some((1, 0)));
    assert_eq!(
        (gather.inputs()[0].shape.clone(), gather.outputs()),
        (vec![2, 3], &[vec![2, 1]][..])
    );
    assert_eq!(graph.nodes()[0].outputs(), [vec![2, 3]]);
    let dot = graph.to_dot_with(|_| Some("a \"name\"".into()));
    assert!(dot.contains("n1 -> n2") && dot.contains("permute\\norder [1, 0]"), "{dot}");
    assert!(dot.contains("a \\\"name\\\"\\n[2, 3]"), "{dot}");
    Ok(())
}

#[test]
fn a_trace_holds_constants_and_values() -> Result<()> {
    let x = Var::from(Tensor::<f32>::ones([2]));
    let weight = gradus_autograd::Param::new(Tensor::vector([2.0_f32, 3.0]));
    let y = trace(|| no_grad(|| x.exp()).mul(&weight.var()).map(|y| y.sum()))?;
    let graph = y.graph();
    let names: Vec<_> = graph.nodes().iter().map(|node| node.name()).collect();
    // What no_grad hides stays hidden: it comes in as a constant.
    assert_eq!(names, ["leaf", "leaf", "mul", "sum"]);
    assert_eq!(graph.nodes()[0].param(), Some(weight.id()));
    assert!(graph.nodes()[2].inputs().iter().all(|edge| edge.value.is_some()));
    assert!(graph.nodes()[3].output_value(0).is_some());
    Ok(())
}
