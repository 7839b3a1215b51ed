//! Attention with shared keys, rotary positions and windows: against the definition, and against numbers that
//! transformers computed (`tests/transformers.py` wrote them).

use gradus_autograd::Var;
use gradus_nn::*;
use gradus_tensor::{Float, Rng, Tensor};
use serde_json::Value;

/// The formula of `tests/transformers.py`.
fn noise<T: Float>(seed: usize, shape: &[usize]) -> Tensor<T> {
    let count: usize = shape.iter().product();
    let values = (1..=count).map(|i| {
        let i = i as f64;
        T::from_f64((0.37 * i * (i + 1.0) + 1.7 * seed as f64).sin())
    });
    Tensor::from_vec(values.collect(), shape).expect("as many values as the shape says")
}

fn recorded(case: &str) -> Value {
    let file: Value = serde_json::from_str(include_str!("grouped.json")).expect("JSON");
    file["cases"][case].clone()
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn tolerance<T: Float>() -> f64 {
    if size_of::<T>() == 4 { 2e-5 } else { 1e-10 }
}

#[track_caller]
fn near<T: Float>(what: &str, got: &[T], wanted: &[f64]) {
    assert_eq!(got.len(), wanted.len(), "{what}");
    let size = wanted.iter().fold(1.0, |size: f64, x| size.max(x.abs()));
    for (got, wanted) in got.iter().map(|x| x.to_f64()).zip(wanted) {
        let gap = (got - wanted).abs();
        assert!(gap <= tolerance::<T>() * size, "{what}: {got} instead of {wanted}");
    }
}

fn values<T: Float>(x: &Tensor<T>) -> Vec<f64> {
    x.to_vec().into_iter().map(T::to_f64).collect()
}

fn layer_of_transformers<T: Float>(name: &str, settings: GroupedAttentionBuilder) -> Result<()> {
    let wanted = recorded(name);
    let mut layer = settings.init::<T>(&mut Rng::new(0))?;
    let mut seed = 0;
    layer.for_each_mut(|_, entry| {
        if let EntryMut::Param(param) = entry {
            seed += 1;
            param.set(noise::<T>(seed, param.shape()).map(|x| x * T::from_f64(0.5)));
        }
    });
    let x = Var::leaf(noise(0, &[2, 7, 16]));
    let there = (0..14).map(|i| i % 7 < [7, 5][i / 7]).collect();
    let there = Tensor::from_vec(there, [2, 7])?;
    let y = layer.forward(&x, Some(&there), &mut Context::train(0))?;
    let zero = Var::constant(Tensor::scalar(T::ZERO));
    let y = Var::choose(&there.reshape([2, 7, 1])?, &y, &zero)?;
    near(name, &y.value().to_vec(), &numbers(&wanted["y"]));
    let gradients = y.mul(&Var::constant(noise(8, &[2, 7, 16])))?.sum().backward()?;
    let dx = gradients.of(&x).expect("a gradient");
    near(&format!("{name}: gradient of the input"), &dx.to_vec(), &numbers(&wanted["dx"]));
    assert_eq!(seed, wanted["grads"].as_object().expect("gradients").len(), "{name}: parameters");
    layer.for_each(|path, entry| {
        if let Entry::Param(param) = entry {
            let gradient = gradients.get(param.id()).expect("a gradient for each parameter");
            let weights = values(&noise::<T>(9, gradient.shape()));
            let of: Vec<f64> = values(gradient);
            let sum: f64 = of.iter().zip(&weights).map(|(x, w)| x * w).sum();
            let norm = of.iter().map(|x| x * x).sum::<f64>().sqrt();
            let mark = [sum, norm].map(T::from_f64);
            near(&format!("{name}: gradient of {path}"), &mark, &numbers(&wanted["grads"][path]));
        }
    });
    Ok(())
}

#[test]
fn layers_give_the_numbers_of_transformers() -> Result<()> {
    let layer = GroupedAttention::new(16, 4);
    for (name, settings) in [
        ("llama", layer.groups(2).rotary(10_000.0)),
        ("mistral", layer.groups(1).rotary(10_000.0).window(3)),
        ("qwen2", layer.rotary(1_000_000.0).bias(true)),
    ] {
        layer_of_transformers::<f32>(name, settings)?;
        layer_of_transformers::<f64>(name, settings)?;
    }
    Ok(())
}

/// The definition: every score, and the mask as `sees` says. Keys and values are those of each head's group.
fn defined<T: Float>(
    [q, k, v]: [&Var<T>; 3],
    sees: impl Fn(usize, usize, usize) -> bool,
) -> Result<Var<T>> {
    let [n, heads, queries, d] = <[usize; 4]>::try_from(q.shape()).expect("four axes");
    let [groups, keys] = [k.shape()[1], k.shape()[2]];
    let group = Tensor::vector((0..heads).map(|h| (h * groups / heads) as i64).collect::<Vec<_>>());
    let (k, v) = (k.select(1, &group)?, v.select(1, &group)?);
    let scores = q.matmul(&k.transpose(2, 3)?)?.scale(T::from_f64(1.0 / (d as f64).sqrt()));
    let pair = |i: usize| (i / keys / queries, i / keys % queries, i % keys);
    let seen = (0..n * queries * keys).map(|i| {
        let (sample, query, key) = pair(i);
        sees(sample, query, key)
    });
    let seen = Tensor::from_vec(seen.collect(), [n, 1, queries, keys])?;
    let far = Var::constant(Tensor::scalar(T::from_f64(-1e30)));
    let weights = Var::choose(&seen, &scores, &far)?.softmax(3)?;
    let weights = Var::choose(&seen, &weights, &Var::constant(Tensor::scalar(T::ZERO)))?;
    Ok(weights.matmul(&v)?)
}

/// Values and gradients of one scope against the definition.
fn scope<T: Float>(
    [heads, groups]: [usize; 2],
    [queries, keys]: [usize; 2],
    causal: bool,
    window: Option<usize>,
    padded: bool,
) -> Result<()> {
    let what = format!("{heads}/{groups}, {queries}/{keys}, {causal}, {window:?}, {padded}");
    let part = |seed, shape: [usize; 4]| Var::leaf(noise::<T>(seed, &shape));
    let (q, k) = (part(1, [2, heads, queries, 4]), part(2, [2, groups, keys, 4]));
    let v = part(3, [2, groups, keys, 3]);
    // The second sample has padding in front and behind.
    let there = |sample: usize, key: usize| !padded || sample == 0 || (2..keys - 3).contains(&key);
    let sees = |sample: usize, query: usize, key: usize| {
        let (i, j, w) = (query + keys, key + queries, window.unwrap_or(usize::MAX));
        there(sample, key) && if causal { j <= i && i - j < w } else { i.abs_diff(j) < w }
    };
    let mut scope = if causal { AttentionScope::causal() } else { AttentionScope::all() };
    if let Some(window) = window {
        scope = scope.window(window);
    }
    if padded {
        let mask = (0..2 * keys).map(|i| there(i / keys, i % keys)).collect();
        scope = scope.keys(Tensor::from_vec(mask, [2, keys])?);
    }
    let mut results = Vec::new();
    for y in [scope.attend(&q, &k, &v)?, defined([&q, &k, &v], sees)?] {
        let weights = Var::constant(noise(4, y.shape()));
        let gradients = y.mul(&weights)?.sum().backward()?;
        let gradients = [&q, &k, &v].map(|x| gradients.of(x).expect("a gradient").clone());
        results.push((y, gradients));
    }
    let (ours, theirs) = (&results[0], &results[1]);
    assert_eq!(ours.0.shape(), [2, heads, queries, 3], "{what}");
    near(&what, &ours.0.value().to_vec(), &values(theirs.0.value()));
    for (i, (ours, theirs)) in ours.1.iter().zip(&theirs.1).enumerate() {
        near(&format!("{what}: gradient {i}"), &ours.to_vec(), &values(theirs));
    }
    Ok(())
}

#[test]
fn every_scope_is_as_defined() -> Result<()> {
    for heads in [[4, 4], [4, 2], [3, 1]] {
        // As many of both, new tokens behind old ones, one new token, more queries than keys.
        for sizes in [[9, 9], [4, 9], [1, 9], [12, 9]] {
            for causal in [true, false] {
                for window in [None, Some(1), Some(3), Some(8), Some(9), Some(usize::MAX)] {
                    for padded in [true, false] {
                        scope::<f64>(heads, sizes, causal, window, padded)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// So many queries that they are cut into several pieces.
#[test]
fn windows_over_several_pieces_are_as_defined() -> Result<()> {
    for (causal, window) in [(true, 1), (true, 5), (true, 100), (false, 5), (false, 100)] {
        scope::<f64>([4, 2], [300, 300], causal, Some(window), true)?;
        scope::<f32>([2, 2], [150, 200], causal, Some(window), true)?;
        // The queries of the first pieces stand before all keys, or there are none of these or of those.
        scope::<f64>([4, 2], [300, 9], causal, Some(window), true)?;
        scope::<f64>([4, 2], [0, 9], causal, Some(window), false)?;
    }
    Ok(())
}

#[test]
fn what_padding_holds_does_not_matter() -> Result<()> {
    let there = Tensor::from_vec((0..18).map(|i| i < 14).collect(), [2, 9])?;
    let q = Var::<f64>::leaf(noise(1, &[2, 4, 9, 4]));
    let clean = noise::<f64>(2, &[2, 2, 9, 4]);
    let seen = there.reshape([2, 1, 9, 1])?;
    let broken = Var::leaf(clean.zip("test", &seen, |x, seen| if seen { x } else { f64::NAN })?);
    let clean = Var::leaf(clean);
    for scope in [AttentionScope::causal(), AttentionScope::all().window(3), AttentionScope::all()]
    {
        let scope = scope.keys(there.clone());
        let (y, z) = (scope.attend(&q, &clean, &clean)?, scope.attend(&q, &broken, &broken)?);
        near("padding", &z.value().to_vec(), &values(y.value()));
        let gradient = z.sum().backward()?;
        assert!(gradient.of(&q).expect("a gradient").to_vec().iter().all(|x| x.is_finite()));
    }
    // Queries 6 to 8 of the second sample see nothing in a window of 1 or 2.
    let y = AttentionScope::causal().window(2).keys(there).attend(&q, &broken, &broken)?;
    let none = y.value().slice(0, 1..)?.slice(2, 7..)?;
    assert_eq!(none.to_vec(), [0.0; 32]);
    Ok(())
}

#[test]
fn a_cache_gives_the_same() -> Result<()> {
    let layer = GroupedAttention::new(16, 4);
    for settings in [
        layer,
        layer.groups(2).rotary(10_000.0),
        layer.groups(1).rotary(100.0).window(3),
        layer.groups(2).window(1),
    ] {
        let layer = settings.init::<f64>(&mut Rng::new(3))?;
        let (mut cx, mut cache) = (Context::eval(), layer.cache());
        let x = Var::leaf(noise(5, &[2, 11, 16]));
        let whole = layer.forward(&x, None, &mut cx)?;
        let mut pieces = Vec::new();
        for piece in [0..4, 4..5, 5..6, 6..9, 9..11] {
            pieces.push(layer.forward_cached(&x.slice(1, piece)?, None, &mut cache, &mut cx)?);
        }
        assert_eq!(cache.len(), 11);
        let joined = Var::concat(&pieces.iter().collect::<Vec<_>>(), 1)?;
        near("with a cache", &joined.value().to_vec(), &values(whole.value()));

        // Other sequences in their place: the next token knows the past of its own.
        let next = Var::leaf(noise(6, &[2, 1, 16]));
        let mut turned = cache.clone();
        turned.select(&Tensor::vector([1, 0]))?;
        let y = layer.forward_cached(&next, None, &mut cache, &mut cx)?;
        let swapped = next.select(0, &Tensor::vector([1, 0]))?;
        let z = layer.forward_cached(&swapped, None, &mut turned, &mut cx)?;
        let z = z.select(0, &Tensor::vector([1, 0]))?;
        near("sequences in another order", &z.value().to_vec(), &values(y.value()));
    }
    Ok(())
}

/// Padding in front of a shorter text, which is then written on beside a longer one: as if it were alone.
#[test]
fn padding_in_front_does_not_matter() -> Result<()> {
    let settings = GroupedAttention::new(16, 4).groups(2).rotary(10_000.0);
    for settings in [settings, settings.window(3)] {
        let layer = settings.init::<f64>(&mut Rng::new(3))?;
        let (mut cx, mut cache) = (Context::eval(), layer.cache());
        let x = Var::leaf(noise(5, &[2, 9, 16]));
        let there = Tensor::from_vec((0..18).map(|i| !(9..13).contains(&i)).collect(), [2, 9])?;
        let alone = layer.forward(&x.slice(0, 1..)?.slice(1, 4..)?, None, &mut cx)?;
        let beside = layer.forward(&x, Some(&there), &mut cx)?;
        let mut pieces = Vec::new();
        for piece in [0..6, 6..7, 7..9] {
            let there = there.slice(1, ..piece.end)?;
            pieces.push(layer.forward_cached(
                &x.slice(1, piece)?,
                Some(&there),
                &mut cache,
                &mut cx,
            )?);
        }
        let written = Var::concat(&pieces.iter().collect::<Vec<_>>(), 1)?;
        for y in [&beside, &written] {
            let y = y.value().slice(0, 1..)?.slice(1, 4..)?.contiguous();
            near("beside a longer text", &y.to_vec(), &values(alone.value()));
        }
        let error = layer.forward_cached(&x, Some(&there), &mut cache, &mut cx);
        let wanted = "wanted [2, 18], for all tokens so far";
        says(error, &format!("GroupedAttention: got a mask [2, 9], {wanted}"));
        assert_eq!(cache.len(), 9);
    }
    Ok(())
}

#[test]
fn a_cache_keeps_no_more_than_its_window() -> Result<()> {
    let mut cache = KeyValueCache::<f32>::new(Some(4));
    let token = Var::from(Tensor::zeros([1, 1, 1, 2]));
    for _ in 0..10 {
        let [keys, values] = cache.push(&token, &token)?;
        assert!(keys.shape()[2] <= 4 && values.shape() == keys.shape());
    }
    assert_eq!(cache.len(), 10);
    Ok(())
}

fn rotary<T: Float>() -> Result<()> {
    let wanted = recorded("gptj");
    // GPT-J has its heads behind the tokens.
    let x = Var::leaf(noise::<T>(0, &[1, 7, 2, 6]));
    let y = Rotary::new().interleaved(true).turn(&x.transpose(1, 2)?, 0)?.transpose(1, 2)?;
    near("GPT-J", &y.value().contiguous().to_vec(), &numbers(&wanted["y"]));
    let gradients = y.mul(&Var::constant(noise(8, y.shape())))?.sum().backward()?;
    near("GPT-J", &gradients.of(&x).expect("a gradient").to_vec(), &numbers(&wanted["dx"]));
    Ok(())
}

#[test]
fn rotary_positions_are_those_of_gpt_j() -> Result<()> {
    rotary::<f32>()?;
    rotary::<f64>()
}

#[test]
fn rotary_positions_count_distances() -> Result<()> {
    let (q, k) = (Var::leaf(noise::<f64>(1, &[1, 1, 8])), Var::leaf(noise(2, &[1, 1, 8])));
    for rotary in [Rotary::new(), Rotary::new().base(100.0).interleaved(true)] {
        let score = |s, t| -> Result<f64> {
            Ok(rotary.turn(&q, s)?.mul(&rotary.turn(&k, t)?)?.sum().item()?)
        };
        let here = score(7, 3)?;
        for shift in [1, 1000, 100_000] {
            assert!((score(7 + shift, 3 + shift)? - here).abs() < 1e-9);
        }
        assert!((score(8, 3)? - here).abs() > 1e-3);
        // Turning keeps lengths.
        let [before, after] = [&q, &rotary.turn(&q, 12345)?].map(|x| x.square().sum().item());
        assert!((before? - after?).abs() < 1e-12);
    }
    Ok(())
}

#[track_caller]
fn says<T>(result: Result<T>, message: &str) {
    assert_eq!(result.err().expect("an error").to_string(), message);
}

#[test]
fn what_does_not_fit_is_named() -> Result<()> {
    let rng = &mut Rng::new(0);
    let build = |settings: GroupedAttentionBuilder| settings.init::<f32>(&mut Rng::new(0));
    let layer = GroupedAttention::new(12, 4);
    says(
        build(GroupedAttention::new(12, 5)),
        "GroupedAttention: got width 12 and 5 heads, wanted a multiple of the heads",
    );
    says(
        build(layer.groups(3)),
        "GroupedAttention: got 4 heads in 3 groups, wanted a multiple of the groups",
    );
    says(
        build(layer.rotary(10.0)),
        "GroupedAttention: got heads of 3 numbers, wanted an even number: rotary positions turn pairs",
    );
    says(build(layer.window(0)), "GroupedAttention: got window 0, wanted at least 1");
    let zeros = |shape: &[usize]| Var::<f32>::from(Tensor::zeros(shape));
    let (q, k) = (zeros(&[2, 4, 5, 3]), zeros(&[2, 2, 5, 3]));
    let all = AttentionScope::all();
    let wanted = "wanted keys [2, heads, Tk, 3], where the heads divide 4";
    for shape in [[2, 3, 5, 3], [1, 2, 5, 3], [2, 2, 5, 4], [2, 0, 5, 3]] {
        let message = format!("AttentionScope: got shape {shape:?}, {wanted}");
        says(all.attend(&q, &zeros(&shape), &k), &message);
    }
    let message = "AttentionScope: got shape [2, 2, 4, 3], wanted values [2, 2, 5, e]";
    says(all.attend(&q, &k, &zeros(&[2, 2, 4, 3])), message);
    let message = "AttentionScope: got shape [5, 3], wanted queries [N, heads, Tq, d]";
    says(all.attend(&zeros(&[5, 3]), &k, &k), message);
    let message = "AttentionScope: got window 0, wanted at least 1";
    says(all.clone().window(0).attend(&q, &k, &k), message);
    let there = Tensor::from_vec(vec![true; 8], [2, 4])?;
    let message = "AttentionScope: got shape [2, 4], wanted a mask of the keys [2, 5]";
    says(all.keys(there).attend(&q, &k, &k), message);
    let message = "Rotary: got shape [5, 3], wanted […, tokens, d] with an even d: numbers are turned in pairs";
    says(Rotary::new().turn(&zeros(&[5, 3]), 0), message);
    let message = "Rotary: got base 0, wanted a finite number > 0";
    says(Rotary::new().base(0.0).turn(&zeros(&[5, 4]), 0), message);

    // After an error the cache is as it was.
    let layer: GroupedAttention = GroupedAttention::new(8, 2).init(rng)?;
    let (mut cx, mut cache) = (Context::eval(), layer.cache());
    layer.forward_cached(&zeros(&[2, 3, 8]), None, &mut cache, &mut cx)?;
    assert!(layer.forward_cached(&zeros(&[1, 1, 8]), None, &mut cache, &mut cx).is_err());
    assert!(cache.select(&Tensor::vector([2])).is_err());
    assert_eq!(cache.len(), 3);
    layer.forward_cached(&zeros(&[2, 1, 8]), None, &mut cache, &mut cx)?;
    let both: GroupedAttention = GroupedAttention::new(8, 2).causal(false).init(rng)?;
    let wanted = "wanted one whose tokens see earlier ones alone";
    let message = format!("GroupedAttention: got a cache for a layer that is not causal, {wanted}");
    says(both.forward_cached(&zeros(&[2, 1, 8]), None, &mut both.cache(), &mut cx), &message);
    let message = "GroupedAttention: got shape [3, 8], wanted [samples, tokens, 8]";
    says(both.forward(&zeros(&[3, 8]), None, &mut cx), message);
    Ok(())
}
