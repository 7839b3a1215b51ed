//! The tables of `docs/numbers.md`: what functions, reductions and losses give at the edges.

use std::path::Path;

use gradus_autograd::{CrossEntropyOptions, OPERATIONS, Reduction, Result, Var, grad};
use gradus_tensor::{Float, Tensor};

/// The rows of the table under a heading, without its head.
fn rows<'a>(text: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let part = text.split(&format!("### {heading}\n")).nth(1).expect("the heading");
    let lines = part.lines().skip_while(|line| !line.starts_with('|'));
    let cells = |line: &'a str| line.trim_matches('|').split('|').map(str::trim).collect();
    lines.take_while(|line| line.starts_with('|')).skip(2).map(cells).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn list(text: &str) -> Vec<f64> {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let inside = inside.unwrap_or_else(|| panic!("`{text}` is no list"));
    inside.split(", ").filter(|text| !text.is_empty()).map(number).collect()
}

fn vector<T: Float>(numbers: &[f64]) -> Tensor<T> {
    Tensor::vector(numbers.iter().map(|&x| T::from_f64(x)).collect::<Vec<_>>())
}

#[track_caller]
fn same<T: Float>(what: &str, got: &Tensor<T>, want: &[f64]) {
    let got: Vec<f64> = got.to_vec().into_iter().map(T::to_f64).collect();
    let equal = |(a, b): (&f64, &f64)| a == b || (a - b).abs() < 1e-6 || (a.is_nan() && b.is_nan());
    let all = got.len() == want.len() && got.iter().zip(want).all(equal);
    assert!(all, "{what} in {}: got {got:?}, wanted {want:?}", T::NAME);
}

/// The gradient by the kernels, and that which can be differentiated again.
fn both<T: Float>(what: &str, y: &Var<T>, x: &Var<T>, want: &[f64]) {
    let [again] = grad(y, [x], None).unwrap();
    same(&format!("{what}, the gradient again"), again.value(), want);
    let gradients = y.clone().backward().unwrap();
    same(&format!("{what}, the gradient"), gradients.of(x).unwrap(), want);
}

fn function<T: Float>(name: &str, x: &Var<T>) -> Var<T> {
    let n = T::from_f64;
    match name {
        "`abs`" => x.abs(),
        "`clamp` from -1 to 1" => x.clamp(n(-1.0), n(1.0)),
        "`cos`" => x.cos(),
        "`elu` with 1" => x.elu(n(1.0)),
        "`erf`" => x.erf(),
        "`exp`" => x.exp(),
        "`gelu`" => x.gelu(),
        "`gelu_tanh`" => x.gelu_tanh(),
        "`leaky_relu` with 0.1" => x.leaky_relu(n(0.1)),
        "`ln`" => x.ln(),
        "`ln_1p`" => x.ln_1p(),
        "`log_sigmoid`" => x.log_sigmoid(),
        "`powf` with 0.5" => x.powf(n(0.5)),
        "`reciprocal`" => x.reciprocal(),
        "`relu`" => x.relu(),
        "`sigmoid`" => x.sigmoid(),
        "`silu`" => x.silu(),
        "`sin`" => x.sin(),
        "`softplus`" => x.softplus(),
        "`sqrt`" => x.sqrt(),
        "`square`" => x.square(),
        "`tanh`" => x.tanh(),
        other => panic!("no function {other}"),
    }
}

fn reduction<T: Float>(name: &str, x: &Var<T>) -> Result<Var<T>> {
    Ok(match name {
        "`sum`" => x.sum(),
        "`mean`" => x.mean(),
        "`var`" => x.var_axes(&[0], false, 0)?,
        "`max`" => x.max()?,
        "`min`" => x.min()?,
        "`cumsum`, the last" => x.cumsum(0)?.index(0, x.len() - 1)?,
        "`logsumexp`" => x.logsumexp(0, false)?,
        "`softmax`, the first" => x.softmax(0)?.index(0, 0)?,
        "`log_softmax`, the first" => x.log_softmax(0)?.index(0, 0)?,
        other => panic!("no reduction {other}"),
    })
}

fn loss<T: Float>(name: &str, x: &Var<T>, target: &str) -> Result<Var<T>> {
    let sum = Reduction::Sum;
    if let Some(label) = target.strip_prefix("label ") {
        assert_eq!(name, "`cross_entropy`");
        let options = CrossEntropyOptions::new().reduction(sum);
        return x.cross_entropy(&Tensor::scalar(number(label) as i64), &options);
    }
    let t = Var::from(vector(&list(target)));
    match name {
        "`mse_loss`" => x.mse_loss(&t, sum),
        "`l1_loss`" => x.l1_loss(&t, sum),
        "`huber_loss` with 1" => x.huber_loss(&t, T::ONE, sum),
        "`smooth_l1_loss` with 1" => x.smooth_l1_loss(&t, T::ONE, sum),
        "`kl_div`" => x.kl_div(&t, sum),
        "`bce_with_logits`" => x.bce_with_logits(&t, None, sum),
        "`bce_with_logits` with pos_weight 2" => {
            x.bce_with_logits(&t, Some(&Tensor::scalar(T::from_f64(2.0))), sum)
        }
        other => panic!("no loss {other}"),
    }
}

fn walk<T: Float>(text: &str) {
    for row in rows(text, "Functions") {
        let [name, at @ .., _] = &row[..] else { panic!("an empty row") };
        let numbers: Vec<f64> = at.iter().map(|text| number(text)).collect();
        assert_eq!(numbers.len(), 6, "{name}");
        let edges = [f64::NEG_INFINITY, f64::INFINITY, f64::NAN];
        // Also in the middle of a row of vectors.
        for (i, edge) in edges.into_iter().enumerate() {
            for n in [1, 40] {
                let x = Var::leaf(Tensor::full([n], T::from_f64(edge)));
                let y = function(name, &x);
                let what = format!("{name} at {edge}");
                same(&what, y.value(), &vec![numbers[i]; n]);
                both(&what, &y.sum(), &x, &vec![numbers[i + 3]; n]);
            }
        }
        let empty = Var::leaf(Tensor::<T>::zeros([0]));
        both(name, &function(name, &empty).sum(), &empty, &[]);
    }
    for row in rows(text, "Reductions") {
        let &[name, of, value, gradient, _] = &row[..] else { panic!("{row:?}") };
        let x = Var::leaf(vector::<T>(&list(of)));
        let what = format!("{name} of {of}");
        match reduction(name, &x) {
            Ok(y) => {
                same(&what, y.value(), &[number(value)]);
                both(&what, &y, &x, &list(gradient));
            }
            Err(error) => assert_eq!(value, "error", "{what}: {error}"),
        }
    }
    for row in rows(text, "Losses") {
        let &[name, of, target, value, gradient, _] = &row[..] else { panic!("{row:?}") };
        let x = Var::leaf(vector::<T>(&list(of)));
        let what = format!("{name} of {of} and {target}");
        let y = loss(name, &x, target).unwrap_or_else(|error| panic!("{what}: {error}"));
        same(&what, y.value(), &[number(value)]);
        both(&what, &y, &x, &list(gradient));
    }
}

#[test]
fn the_tables_of_the_documentation_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(root.join("../../docs/numbers.md")) else {
        // The crate alone, as it is packaged, has no documentation beside it.
        assert!(!root.join("../../docs").exists(), "docs/numbers.md is missing");
        return;
    };
    // Brackets around a single number would be a link, were it not for the strokes.
    let text = text.replace('\\', "");
    walk::<f32>(&text);
    walk::<f64>(&text);
    // Every function of one number and every loss has its rows.
    let mut names: Vec<&str> = Vec::new();
    for heading in ["Functions", "Reductions", "Losses"] {
        names.extend(rows(&text, heading).iter().filter_map(|row| row[0].split('`').nth(1)));
    }
    let file = |name: &str| std::fs::read_to_string(root.join(format!("src/ops/{name}.rs")));
    for (name, _) in OPERATIONS {
        let code = file(name).unwrap_or_default();
        // Losses of sequences are no table of single numbers; their own tests say what they give.
        let is_loss = name.ends_with("_loss") && *name != "ctc_loss";
        let listed = code.contains("pointwise! {") || is_loss;
        assert!(!listed || names.contains(name), "docs/numbers.md has no row for {name}");
    }
}
