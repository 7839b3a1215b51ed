//! Whisper beside that of transformers, and its trained weights on a known speech.

use std::path::{Path, PathBuf};

use gradus_autograd::Var;
use gradus_data::audio::{LogMel, open_wav};
use gradus_data::text::Tokenizer;
use gradus_models::Whisper;
use gradus_nn::{Context, Result};
use gradus_tensor::{Float, Rng, Tensor};

use super::formula;
use super::pytorch::{compare, filled, recorded};

fn small<T: Float>() -> Result<Whisper<T>> {
    let net = Whisper::new(11).bands(18).width(12).layers(2).heads(3).hidden(16);
    net.frames(10).block(9).init(&mut Rng::new(0))
}

fn same_as_in_transformers<T: Float>() -> Result<()> {
    let mut net = small::<T>()?;
    filled("whisper", &mut net);
    let x = formula::tensor::<T>("x", &[3, 23, 18]).slice(0, ..2)?.slice(1, ..20)?;
    let tokens = Tensor::from_vec(vec![3, 1, 4, 1, 5, 9, 2, 6, 5, 3], [2, 5])?;
    let y = net.forward(&x.into(), &tokens, &mut Context::eval())?;
    compare("whisper", y, &net, &recorded()["cases"]["whisper"]["eval"])?;
    Ok(())
}

#[test]
fn outputs_and_gradients_are_those_of_transformers() -> Result<()> {
    same_as_in_transformers::<f32>()?;
    same_as_in_transformers::<f64>()
}

#[test]
fn what_is_written_is_the_likeliest_at_every_place() -> Result<()> {
    let mut net = small::<f64>()?;
    // Places that differ much, so that not one token follows itself for ever.
    net.decoder.embed_positions.weight.set(Tensor::normal([9, 12], 0.0, 3.0, &mut Rng::new(1))?);
    let x = Var::from(formula::tensor("x", &[1, 20, 18]));
    let mut text = vec![3, 1];
    for _ in 0..8 {
        let tokens = Tensor::from_vec(text.clone(), [1, text.len()])?;
        let logits = net.forward(&x, &tokens, &mut Context::eval())?;
        text.push(logits.value().slice(1, text.len() - 1..)?.argmax(2)?.item()?);
    }
    assert!(text[2..].iter().collect::<std::collections::BTreeSet<_>>().len() > 3, "{text:?}");
    // With keys and values that are kept; to the end of the block of nine, and to the end token.
    assert_eq!(net.transcribe(&x, &[3, 1], -1, 100)?, text[2..]);
    assert_eq!(net.transcribe(&x, &[3, 1], -1, 4)?, text[2..6]);
    let first = text[2..].iter().position(|&token| token == text[6]).unwrap_or_default();
    assert_eq!(net.transcribe(&x, &[3, 1], text[6], 100)?, text[2..2 + first]);
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused() -> Result<()> {
    let net = small::<f32>()?;
    let says = |frames: [usize; 3], prompt: &[i64], message: &str| {
        let x = Var::from(Tensor::zeros(frames));
        let error = net.transcribe(&x, prompt, 0, 5).expect_err(message).to_string();
        assert_eq!(error, format!("Whisper: got {message}"));
    };
    let wanted = "wanted [recordings, 1 to 20 frames, 18]";
    says([1, 21, 18], &[1], &format!("features [1, 21, 18], {wanted}"));
    says([1, 20, 17], &[1], &format!("features [1, 20, 17], {wanted}"));
    says([1, 0, 18], &[1], &format!("features [1, 0, 18], {wanted}"));
    says([2, 20, 18], &[1], "features [2, 20, 18], wanted one recording [1, frames, bands]");
    says([1, 20, 18], &[11], "token 11, wanted 0 to 10: the vocabulary has 11 tokens");
    says([1, 20, 18], &[], "tokens [1, 0], wanted [sequences, tokens], one token or more");
    let long = Tensor::zeros([1, 10]);
    let result = net.forward(&Var::from(Tensor::zeros([1, 20, 18])), &long, &mut Context::eval());
    let error = result.expect_err("too long a text").to_string();
    assert_eq!(error, "Whisper: got a text of 10 tokens, wanted at most its block, 9");
    Ok(())
}

/// A file of the shared folder.
pub fn shared(part: &str) -> Option<PathBuf> {
    let given = std::env::var_os("GRADUS_SHARED").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared"));
    let mut places = given.into_iter().chain(above).map(|dir| dir.join("data").join(part));
    places.find(|path| path.exists())
}

#[test]
fn a_known_speech_is_transcribed_word_for_word() -> Result<(), Box<dyn std::error::Error>> {
    let weights = std::env::var_os("GRADUS_WHISPER").map(PathBuf::from);
    let (Some(weights), Some(speech), Some(ranks)) = (
        weights.or_else(|| shared("pretrained/whisper/tiny-en.safetensors")),
        shared("speech/assets/jfk_16k.wav"),
        shared("speech/assets/gpt2.tiktoken"),
    ) else {
        println!(
            "skipped: no weights of Whisper; tests/whisper.py makes them, and GRADUS_WHISPER says where they are"
        );
        return Ok(());
    };
    let mut net: Whisper = Whisper::new(51864).init(&mut Rng::new(0))?;
    net.load(gradus_serialize::safetensors::read(weights)?.tensors)?;
    let mut sound = open_wav(speech)?.mono();
    let seconds = sound.len() as f64 / 16_000.0;
    sound.resize(LogMel::WHISPER_SAMPLES, 0.0);

    let clock = std::time::Instant::now();
    let features = LogMel::whisper(80)?.apply(&sound)?.to_tensor()?;
    let tokens = net.transcribe(&features.unsqueeze(0)?.into(), &[50257, 50362], 50256, 200)?;
    println!("{seconds:.1} s of sound in {:.1} s", clock.elapsed().as_secs_f64());

    let words = Tokenizer::open_tiktoken(ranks, [("<|endoftext|>", 50256)])?;
    let ids: Vec<u32> =
        tokens.iter().map(|&token| u32::try_from(token)).collect::<Result<_, _>>()?;
    let wanted = " And so my fellow Americans ask not what your country can do for you, ask what you can do for your \
                  country.";
    assert_eq!(words.decode(&ids)?, wanted);
    Ok(())
}
