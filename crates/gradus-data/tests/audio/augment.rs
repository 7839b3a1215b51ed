//! Changes in training: what they promise, that the same item gets the same change, and what they refuse.

use gradus_data::audio::Features;
use gradus_data::audio::augment::*;
use gradus_data::{Dataset, Error, Result, TensorDataset};
use gradus_tensor::{Rng, Tensor};

use super::{Noise as Numbers, message};

fn sound(n: usize) -> Vec<f32> {
    (0..n).map(|t| (t as f32 * 0.05).sin() * 0.5 + (t as f32 * 0.31).cos() * 0.1).collect()
}

fn power(x: impl IntoIterator<Item = f32>) -> f64 {
    x.into_iter().map(|x| f64::from(x) * f64::from(x)).sum()
}

#[test]
fn noise_has_its_ratio_whatever_the_noise() -> Result<()> {
    let x = sound(4000);
    let hum: Vec<f32> = (0..700).map(|t| (t as f32 * 0.7).sin() * 20.0).collect();
    for decibels in [-10.0, 0.0, 35.0] {
        for noise in
            [Noise::white(decibels, decibels)?, Noise::new(vec![hum.clone()], decibels, decibels)?]
        {
            let y = noise.apply(&x, &mut Rng::new(4))?;
            let ratio = power(x.iter().copied()) / power(y.iter().zip(&x).map(|(y, x)| y - x));
            assert!((10.0 * ratio.log10() - decibels).abs() < 0.02, "{decibels}: {ratio}");
        }
    }
    // Nothing is added to silence, and what is not finite does no harm to the rest.
    assert_eq!(Noise::white(0.0, 0.0)?.apply(&[0.0; 50], &mut Rng::new(0))?, [0.0; 50]);
    assert!(Noise::white(0.0, 0.0)?.apply(&[], &mut Rng::new(0))?.is_empty());
    Ok(())
}

#[test]
fn a_gain_lies_in_its_range_and_a_shift_moves() -> Result<()> {
    let x = sound(1000);
    let mut gains: Vec<f64> = (0..200)
        .map(|seed| {
            let y = Gain::new(-6.0, 12.0)?.apply(&x, &mut Rng::new(seed))?;
            Ok(20.0 * f64::from(y[10] / x[10]).log10())
        })
        .collect::<Result<_>>()?;
    gains.sort_by(f64::total_cmp);
    assert!(gains[0] > -6.01 && gains[0] < -5.0 && gains[199] < 12.01 && gains[199] > 11.0);

    let mut seen = [false; 7];
    for seed in 0..100 {
        let y = Shift::new(3).apply(&x, &mut Rng::new(seed))?;
        let by = |s: i64| {
            (0..1000_i64).all(|t| {
                let from = x.get(usize::try_from(t - s).unwrap_or(usize::MAX));
                y[t as usize] == from.copied().unwrap_or(0.0)
            })
        };
        let found = (-3..=3).find(|&s| by(s)).expect("a shift of three at most");
        seen[(found + 3) as usize] = true;
    }
    assert_eq!(seen, [true; 7]);
    assert_eq!(Shift::new(usize::MAX).apply(&[1.0], &mut Rng::new(0))?.len(), 1);
    assert!(Shift::new(5).apply(&[], &mut Rng::new(0))?.is_empty());
    Ok(())
}

#[test]
fn a_faster_sound_is_shorter_and_higher() -> Result<()> {
    let tone: Vec<f32> = (0..16_000).map(|t| (t as f32 * 0.1).sin()).collect();
    let fast = Speed::new(&[1.25])?.apply(&tone, &mut Rng::new(0))?;
    assert_eq!(fast.len(), 12_800);
    let wanted = (200..12_000).map(|t| (t as f32 * 0.125).sin());
    let worst = wanted.zip(&fast[200..]).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(worst < 1e-3, "{worst}");
    Ok(())
}

#[test]
fn a_room_is_as_loud_and_long_as_the_sound() -> Result<()> {
    let x = sound(3000);
    let drawn = Reverberation::drawn(16_000, (0.2, 0.5), (0.0, 10.0))?;
    // A response whose direct sound comes late leaves the sound where it was.
    let late = Reverberation::new(vec![vec![0.0, 0.1, 0.0, 2.0]])?;
    for room in [drawn, late.clone()] {
        let y = room.apply(&x, &mut Rng::new(2))?;
        assert_eq!(y.len(), x.len());
        assert!((power(y.clone()) / power(x.clone()) - 1.0).abs() < 1e-4);
        assert_ne!(x, y);
    }
    let y = late.apply(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0], &mut Rng::new(2))?;
    assert!((0..6).all(|t| y[3] >= y[t]) && (y[1] / y[3] - 0.05).abs() < 1e-5);
    for quiet in [&[][..], &[0.0; 9]] {
        assert_eq!(late.apply(quiet, &mut Rng::new(2))?, quiet);
    }
    Ok(())
}

#[test]
fn blots_are_no_larger_than_they_may_be() -> Result<()> {
    let mut numbers = Numbers(9);
    let values = (0..50 * 8).map(|_| numbers.sample() as f32).collect();
    let before = Features::new(8, values)?;
    let mean = before.values().iter().map(|&x| f64::from(x)).sum::<f64>() / 400.0;
    let mut sizes = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let mut after = before.clone();
        let augment = SpecAugment::new().bands(1, 3).frames(1, 40).part(0.2)?;
        augment.apply(&mut after, &mut Rng::new(seed));
        let blotted: Vec<bool> = after
            .values()
            .iter()
            .zip(before.values())
            .map(|(a, b)| a != b && (f64::from(*a) - mean).abs() < 1e-6)
            .collect();
        let unchanged = after.values().iter().zip(before.values()).zip(&blotted);
        assert!(unchanged.clone().all(|((a, b), blot)| *blot || a == b));
        let bands = (0..8).filter(|band| (0..50).all(|t| blotted[t * 8 + band])).count();
        let frames = (0..50).filter(|t| (0..8).all(|band| blotted[t * 8 + band])).count();
        assert!(bands <= 3 && frames <= 10, "{bands} {frames}");
        sizes.insert((bands, frames));
    }
    assert!(sizes.len() > 25, "{sizes:?}");
    let mut none = Features::new(8, vec![])?;
    SpecAugment::new().apply(&mut none, &mut Rng::new(0));
    Ok(())
}

#[test]
fn an_item_of_an_epoch_sounds_the_same_whoever_reads_it() -> Result<()> {
    let sounds = TensorDataset::new((
        Tensor::from_vec(sound(600), [3, 200])?,
        Tensor::vector([0_i64, 1, 2]),
    ))?;
    let augment = Chain::new()
        .then(Shift::new(20))
        .then(Speed::new(&[1.0])?)
        .sometimes(0.5, Reverberation::drawn(8000, (0.01, 0.02), (0.0, 5.0))?)?
        .sometimes(0.5, Noise::white(0.0, 20.0)?)?;
    let changed = sounds.map(3, move |(x, label), rng| {
        let x = augment.apply(&x.to_vec(), rng)?;
        Ok((Tensor::vector(x), label))
    });
    let of = |index, epoch| changed.get_in_epoch(index, epoch).map(|(x, _)| x.to_vec());
    let there = [of(0, 0)?, of(1, 0)?, of(2, 0)?];
    let back = [of(2, 0)?, of(1, 0)?, of(0, 0)?];
    assert_eq!(there[0], back[2]);
    assert_eq!(there[2], back[0]);
    assert_ne!(of(0, 0)?, of(0, 1)?);
    Ok(())
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let nan = f64::NAN;
    let wanted = "wanted -200 <= low <= high <= 200 dB";
    assert_eq!(message(Gain::new(3.0, -3.0)), format!("Gain::new: got 3 to -3 dB, {wanted}"));
    assert_eq!(message(Gain::new(nan, 0.0)), format!("Gain::new: got NaN to 0 dB, {wanted}"));
    assert_eq!(
        message(Noise::white(0.0, 1e9)),
        format!("Noise::white: got 0 to 1000000000 dB, {wanted}")
    );
    assert_eq!(
        message(Noise::new(vec![], 0.0, 1.0)),
        "Noise::new: got no noises, wanted one or more"
    );
    let silent = "wanted finite samples that are not all silent";
    assert_eq!(
        message(Noise::new(vec![vec![1.0], vec![0.0; 3]], 0.0, 1.0)),
        format!("Noise::new: got noise 1 of 3 samples and power 0, {silent}")
    );
    assert_eq!(
        message(Reverberation::new(vec![vec![f32::NAN]])),
        format!("Reverberation::new: got response 0 of 1 samples and power NaN, {silent}")
    );
    assert!(
        message(Reverberation::drawn(16_000, (0.0, 1.0), (0.0, 1.0))).contains("times of 0 to 1 s")
    );
    assert!(
        message(Reverberation::drawn(u32::MAX, (1.0, 10.0), (0.0, 1.0))).contains("4294967295 Hz")
    );
    assert!(message(Reverberation::drawn(0, (1.0, 1.0), (0.0, 1.0))).contains("0 Hz"));
    assert_eq!(message(Speed::new(&[])), "Speed::new: got 0 factors, wanted 1 to 100");
    assert_eq!(message(Speed::new(&[1.0, nan])), "Speed::new: got factor NaN, wanted 0.1 to 10");
    assert!(message(SpecAugment::new().part(1.5)).contains("part = 1.5"));
    let chance: Result<Chain, Error> = Chain::new().sometimes(nan, Shift::new(1));
    assert!(message(chance).contains("probability = NaN"));
}
