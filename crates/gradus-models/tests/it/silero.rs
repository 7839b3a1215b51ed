//! Silero's voice activity beside its ONNX model (`tests/record_silero.py`), and in pieces of any length.
//!
//! The ONNX model and the safetensors file of the same package have weights of two releases: each is held to its own
//! numbers. The weights of the first are taken out of the ONNX file here.

use std::collections::BTreeMap;

use gradus_data::audio::open_wav;
use gradus_models::SileroVad;
use gradus_nn::Result;
use gradus_serialize::StateDict;
use gradus_tensor::{Rng, Tensor};
use serde_json::Value;

use super::whisper::shared;

/// What a known speech gives with some weights, beside the recorded numbers.
fn check(weights: StateDict, recorded: &Value) -> Result<(), Box<dyn std::error::Error>> {
    let Some(speech) = shared("speech/assets/jfk_16k.wav") else { return Ok(()) };
    let mut net: SileroVad = SileroVad::init(&mut Rng::new(0))?;
    net.load(weights)?;
    let heard = net.probabilities(&open_wav(speech)?.mono())?;
    let wanted = recorded.as_array().expect("a list");
    assert_eq!(heard.len(), wanted.len());
    for (chunk, (ours, theirs)) in heard.iter().zip(wanted).enumerate() {
        let gap = (f64::from(*ours) - theirs.as_f64().expect("a number")).abs();
        assert!(gap < 1e-4, "chunk {chunk}: {ours} instead of {theirs}");
    }
    // Somebody speaks most of the time, and pauses.
    let speech = heard.iter().filter(|&&p| p > 0.5).count();
    assert!((heard.len() / 2..heard.len()).contains(&speech));
    Ok(())
}

/// The fields of a message of Protocol Buffers: numbers, and stretches of bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, u64, &[u8])> {
    fn number(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        while let [byte, rest @ ..] = *bytes {
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if *byte < 0x80 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes);
        let (value, length) = match key & 7 {
            0 => (number(&mut bytes), 0),
            1 => (0, 8),
            2 => (0, number(&mut bytes) as usize),
            _ => (0, 4),
        };
        let (inside, rest) = bytes.split_at(length);
        found.push((key >> 3, value, inside));
        bytes = rest;
    }
    found
}

/// The tensors of an ONNX model: field 7 of it is the graph, field 5 of that a tensor, with its sizes in field 1, its
/// name in 8 and its numbers in 9.
fn tensors(model: &[u8]) -> BTreeMap<String, Tensor> {
    let graph = fields(model).into_iter().find(|field| field.0 == 7).expect("a graph").2;
    let tensor = |bytes: &[u8]| {
        let parts = fields(bytes);
        let of = |field: u64| parts.iter().filter(move |part| part.0 == field);
        let shape: Vec<usize> = of(1)
            .flat_map(|&(_, size, packed)| match packed {
                [] => vec![size as usize],
                packed => packed.iter().map(|&size| size as usize).collect(),
            })
            .collect();
        let name = String::from_utf8(of(8).next()?.2.to_vec()).ok()?;
        let (numbers, _) = of(9).next()?.2.as_chunks();
        let numbers = numbers.iter().map(|&four| f32::from_le_bytes(four)).collect();
        Some((name, Tensor::from_vec(numbers, shape).ok()?))
    };
    let inside = fields(graph).into_iter().filter(|field| field.0 == 5);
    inside.filter_map(|field| tensor(field.2)).collect()
}

#[test]
fn probabilities_are_those_of_the_onnx_model() -> Result<(), Box<dyn std::error::Error>> {
    let folder = shared("pretrained/silero-vad");
    let Some(folder) = folder else {
        println!("skipped: no shared/data/pretrained/silero-vad; GRADUS_SHARED says where it is");
        return Ok(());
    };
    let recorded: Value = serde_json::from_str(include_str!("silero.json"))?;
    let tensors = tensors(&std::fs::read(folder.join("silero_vad_16k_op15.onnx"))?);
    let names = recorded["names"].as_object().expect("names").iter();
    let weights = names
        .map(|(ours, theirs)| (ours.as_str(), tensors[theirs.as_str().expect("a name")].clone()));
    check(weights.collect(), &recorded["onnx"])?;
    let file = gradus_serialize::safetensors::read(folder.join("silero_vad_16k.safetensors"))?;
    check(file.tensors, &recorded["safetensors"])
}

#[test]
fn pieces_of_any_length_give_what_the_whole_gives() -> Result<()> {
    let net: SileroVad = SileroVad::init(&mut Rng::new(1))?;
    let sound: Vec<f32> = (0..200_000).map(|t| (t as f32 * t as f32 * 1e-7).sin() * 0.3).collect();
    let whole = net.probabilities(&sound)?;
    assert_eq!(whole.len(), 391);
    let mut stream = net.stream();
    let mut pieces = Vec::new();
    let mut rest = &sound[..];
    for length in [1, 511, 512, 513, 0, 60_000].into_iter().cycle() {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        pieces.extend(stream.push(piece)?);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(pieces.len(), 390);
    let apart = |(a, b): (&f32, &f32)| (a - b).abs();
    assert!(pieces.iter().zip(&whole).map(apart).fold(0.0, f32::max) < 1e-5);
    assert!(net.probabilities(&[])?.is_empty());
    let error = net.probabilities(&[0.0, f32::NAN]).unwrap_err().to_string();
    assert_eq!(error, "SileroVad: got NaN as sample 1, wanted finite samples");
    Ok(())
}
