//! What the list of layers says of every entry, that nothing is forgotten, and that settings are checked.

use std::collections::BTreeSet;

use gradus_autograd::Var;
use gradus_nn::settings::{About, Value, from_values};
use gradus_nn::*;
use gradus_tensor::{Rng, Tensor};

/// Makes the layer of the given name, and uses it where only that checks its settings.
fn make(name: &str, values: &[(&str, Value)]) -> Result<()> {
    let (rng, cx) = (&mut Rng::new(0), &mut Context::eval());
    let x: &Var = &Var::constant(Tensor::zeros([2, 3]));
    let images: &Var = &Var::constant(Tensor::zeros([1, 1, 4, 4]));
    macro_rules! make {
        (built with a seed: $($built:literal $builder:ty),*; built: $($plain:literal $of:ty),*;
         used: $($used:literal $layer:ty),*; on images: $($pool:literal $pooled:ty),*) => {
            match name {
                $($built => from_values::<$builder>(values)?.init::<f32>(rng).map(drop),)*
                $($plain => from_values::<$of>(values)?.init::<f32>().map(drop),)*
                $($used => from_values::<$layer>(values)?.forward(x, cx).map(drop),)*
                $($pool => from_values::<$pooled>(values)?.forward(images, cx).map(drop),)*
                _ => panic!("how is a {name} made? say it here"),
            }
        };
    }
    make! {
        built with a seed: "Linear" LinearBuilder, "Embedding" EmbeddingBuilder, "Conv1d" ConvBuilder<1>, "Conv2d" ConvBuilder<2>,
            "ConvTranspose2d" ConvTranspose2dBuilder, "Lstm" LstmBuilder,
            "Gru" GruBuilder, "MultiheadAttention" MultiheadAttentionBuilder,
            "GroupedAttention" GroupedAttentionBuilder;
        built: "BatchNorm1d" BatchNormBuilder<1>, "BatchNorm2d" BatchNormBuilder<2>,
            "LayerNorm" LayerNormBuilder;
        used: "Dropout" Dropout, "Relu" Relu, "LeakyRelu" LeakyRelu, "Elu" Elu, "Gelu" Gelu,
            "GeluTanh" GeluTanh, "Silu" Silu, "Tanh" Tanh, "Sigmoid" Sigmoid, "Softplus" Softplus,
            "Softmax" Softmax, "LogSoftmax" LogSoftmax, "Flatten" Flatten;
        on images: "MaxPool2d" MaxPool2d, "AvgPool2d" AvgPool2d, "GlobalAvgPool2d" GlobalAvgPool2d
    }
}

/// Values for what has no default.
fn required(about: &About) -> Vec<(&'static str, Value)> {
    let value = |name| match name {
        "shape" => Value::List(vec![Value::Count(3)]),
        "p" => Value::Number(0.5),
        _ => Value::Count(1),
    };
    about.fields.iter().filter(|f| f.required).map(|f| (f.name, value(f.name))).collect()
}

#[test]
fn every_layer_is_described_and_can_be_built_by_name() {
    let mut names = BTreeSet::new();
    for about in LAYERS {
        assert!(names.insert(about.name), "two are called {}", about.name);
        assert!(!about.doc.is_empty() && about.doc.ends_with('.'), "{about:?}");
        assert!(about.torch.starts_with("nn."), "{}: {}", about.name, about.torch);
        assert!(about.fields.iter().all(|f| f.doc.len() > 5 && f.doc.ends_with('.')), "{about:?}");
        make(about.name, &required(about)).unwrap();
    }
}

#[test]
fn every_setting_outside_its_domain_is_refused() {
    let mut tried = 0;
    for about in LAYERS {
        for field in about.fields {
            let wrong = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.0, 1e9];
            for x in wrong.into_iter().filter(|x| !field.domain.contains(*x)) {
                let value = match (field.domain.whole, x == 0.0, field.name) {
                    (true, false, _) => continue,
                    (true, true, "shape") => Value::List(vec![Value::Count(0)]),
                    (true, true, _) => Value::Count(0),
                    _ => Value::Number(x),
                };
                let mut values = required(about);
                values.retain(|(name, _)| *name != field.name);
                values.push((field.name, value));
                let error = make(about.name, &values).unwrap_err().to_string();
                let start = format!("{}: got {}", about.name, field.label);
                assert!(
                    error.starts_with(&start) && error.ends_with(&field.domain.wanted()),
                    "{error}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

/// Every file of a layer has its line in the list.
#[test]
fn every_layer_is_in_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/layers");
    let mut files = vec![folder];
    let listed: BTreeSet<&str> = LAYERS.iter().map(|about| about.name).collect();
    let mut found = BTreeSet::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // A layer is what implements `Layer`, or is made of settings.
        let layers = text.split("Layer<T> for ").skip(1);
        for rest in layers.chain(text.split("settings(of = ").skip(1)) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            // Those of several numbers of axes or kinds are listed for each.
            let several = ["BatchNorm", "Conv", "Recurrent", ""];
            if !several.contains(&name.as_str()) {
                found.insert(name);
            }
        }
    }
    assert!(found.len() > 8, "{found:?}");
    let forgotten: Vec<_> = found.iter().filter(|name| !listed.contains(name.as_str())).collect();
    assert!(forgotten.is_empty(), "not in `layers!`: {forgotten:?}");
}

/// The table of the readme, from the list.
#[test]
fn the_readme_lists_every_layer() {
    let row = |about: &&About| {
        let settings: Vec<String> = about.fields.iter().map(|f| format!("`{}`", f.name)).collect();
        format!("| `{}` | `{}` | {} |\n", about.name, about.torch, settings.join(", "))
    };
    let rows: String = LAYERS.iter().map(row).collect();
    let want = format!("| layer | PyTorch | settings |\n|---|---|---|\n{rows}");
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&want), "the readme should have:\n\n{want}");
}

#[test]
fn sizes_that_no_machine_holds_are_answered() {
    let (mut tried, mut refused, mut panics) = (0, 0, Vec::new());
    for about in LAYERS {
        let whole = || about.fields.iter().filter(|field| field.domain.whole);
        for (field, other) in whole().flat_map(|field| whole().map(move |other| (field, other))) {
            for size in [1 << 50, 1 << 62, 1 << 63, u64::MAX - 1, u64::MAX] {
                let mut values = required(about);
                for name in [field.name, other.name] {
                    let size = Value::Count(size);
                    let value = if name == "shape" { Value::List(vec![size]) } else { size };
                    values.retain(|(known, _)| *known != name);
                    values.push((name, value));
                }
                let answer = std::panic::catch_unwind(|| make(about.name, &values).is_err());
                match answer {
                    Ok(error) => (tried, refused) = (tried + 1, refused + usize::from(error)),
                    Err(_) => panics.push(format!("{} of {values:?}", about.name)),
                }
            }
        }
    }
    assert!(panics.is_empty(), "{panics:#?}");
    assert!(tried > 200 && refused > 100, "{tried}, {refused} refused");
}
