//! A room: `y = x ∗ h`, with `h` the response of the room to a clap, its impulse response.
//!
//! `y` is as long as `x`, and as loud (the mean of its squares); the direct sound, the largest `|h|`, stays where it was.
//! The convolution is a product of spectra, `Y = X H`.
//!
//! Rooms that nobody recorded are drawn: after the direct sound come reflections that die away, normal noise `n` under
//! an exponential that falls by 60 dB in the time `T₆₀`,
//!
//! ```text
//! h[0] = 1,    h[t] = r n[t] 10^(−3 t / (T₆₀ rate)),    r such that Σ_{t>0} h[t]² = 10^(−d / 10)
//! ```
//!
//! with `d` how far in decibels the direct sound is above the reflections. (Polack's model, as in Habets, *Single- and
//! multi-microphone speech dereverberation*, 2007, section 2.3. Allen and Berkley, *Image method for efficiently
//! simulating small-room acoustics*, 1979, compute reflections of a given room.)

use gradus_tensor::{Rng, Tensor};
use realfft::RealFftPlanner;

use super::{Augment, between, decibels, power, sounds};
use crate::{Error, Result};

/// The longest response that is drawn or convolved with, in samples.
const LONGEST: usize = 1 << 22;

/// Puts a sound into a random room.
///
/// ```
/// use gradus_data::audio::augment::{Augment, Reverberation};
/// use gradus_tensor::Rng;
/// // An echo after three samples.
/// let room = Reverberation::new(vec![vec![1.0, 0.0, 0.0, 0.5]])?;
/// let heard = room.apply(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], &mut Rng::new(0))?;
/// assert!((heard[3] / heard[0] - 0.5).abs() < 1e-5);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reverberation {
    rooms: Rooms,
}

#[derive(Debug, Clone)]
enum Rooms {
    Recorded(Vec<Vec<f32>>),
    /// The rate in Hz, times in seconds, and decibels.
    Drawn {
        rate: f64,
        times: (f64, f64),
        direct: (f64, f64),
    },
}

impl Reverberation {
    /// Recorded rooms: impulse responses at the rate of the sounds, one of which is drawn.
    ///
    /// # Errors
    /// [`Error::Value`] if there are none, or one is silent, not finite, or longer than 4,194,304 samples.
    pub fn new(responses: Vec<Vec<f32>>) -> Result<Self> {
        let op = "Reverberation::new";
        if let Some(i) = responses.iter().position(|response| response.len() > LONGEST) {
            let got = format!("response {i} of {} samples", responses[i].len());
            return Err(Error::value(op, got, format!("{LONGEST} samples or fewer")));
        }
        Ok(Self { rooms: Rooms::Recorded(sounds(op, "response", responses)?) })
    }

    /// Rooms that are drawn: a time of reverberation `T₆₀` from a range in seconds (a living room has 0.3 to 0.6, a hall
    /// 2), and a direct sound that is above the reflections by a range of decibels (0 far away, 20 near).
    ///
    /// # Errors
    /// [`Error::Value`] unless the rate is 1 to 10,000,000 Hz, `0 < times ≤ 10` and `-200 ≤ direct ≤ 200`, each range in
    /// order, and the response has at most 4,194,304 samples.
    pub fn drawn(rate: u32, times: (f64, f64), direct: (f64, f64)) -> Result<Self> {
        let op = "Reverberation::drawn";
        let fits = times.0 > 0.0 && times.0 <= times.1 && times.1 <= 10.0;
        if !fits {
            let got = format!("times of {} to {} s", times.0, times.1);
            return Err(Error::value(op, got, "0 < low <= high <= 10 s"));
        }
        let samples = f64::from(rate) * times.1;
        if rate == 0 || samples > LONGEST as f64 {
            let got = format!("{} s at {rate} Hz", times.1);
            return Err(Error::value(op, got, format!("1 to {LONGEST} samples")));
        }
        let direct = decibels(op, direct.0, direct.1)?;
        Ok(Self { rooms: Rooms::Drawn { rate: f64::from(rate), times, direct } })
    }

    /// The response of a room.
    fn response(&self, rng: &mut Rng) -> Result<Vec<f32>> {
        match &self.rooms {
            Rooms::Recorded(rooms) => Ok(rooms[rng.below(rooms.len())].clone()),
            Rooms::Drawn { rate, times, direct } => {
                let length = rate * between(*times, rng);
                let above = between(*direct, rng);
                let mut h = Tensor::normal([length as usize + 1], 0.0_f32, 1.0, rng)?.to_vec();
                for (t, h) in h.iter_mut().enumerate() {
                    *h *= 10_f64.powf(-3.0 * t as f64 / length) as f32;
                }
                h[0] = 0.0;
                let sum = power(&h) * h.len() as f64;
                let scale = if sum > 0.0 { (10_f64.powf(-above / 10.0) / sum).sqrt() } else { 0.0 };
                h.iter_mut().for_each(|h| *h *= scale as f32);
                h[0] = 1.0;
                Ok(h)
            }
        }
    }
}

impl Augment for Reverberation {
    fn apply(&self, samples: &[f32], rng: &mut Rng) -> Result<Vec<f32>> {
        let response = self.response(rng)?;
        let direct = (0..response.len())
            .fold(0, |best, t| if response[t].abs() > response[best].abs() { t } else { best });
        let loud = power(samples);
        if !(loud.is_finite() && loud > 0.0) {
            return Ok(samples.to_vec());
        }
        let all = convolve(samples, &response)?;
        let mut heard = all[direct..direct + samples.len()].to_vec();
        let now = power(&heard);
        if now > 0.0 {
            let scale = (loud / now).sqrt() as f32;
            heard.iter_mut().for_each(|x| *x *= scale);
        }
        Ok(heard)
    }
}

/// `x ∗ h`, of `x.len() + h.len() − 1` samples; neither is empty.
fn convolve(x: &[f32], h: &[f32]) -> Result<Vec<f32>> {
    let len = x.len() + h.len() - 1;
    let size = len.next_power_of_two().max(2);
    let failed = |error: realfft::FftError| Error::other(error.to_string());
    let mut planner = RealFftPlanner::<f32>::new();
    let (there, back) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |x: &[f32]| -> Result<_> {
        let mut padded = x.to_vec();
        padded.resize(size, 0.0);
        let mut spectrum = there.make_output_vec();
        there.process(&mut padded, &mut spectrum).map_err(failed)?;
        Ok(spectrum)
    };
    let mut product = spectrum(x)?;
    product.iter_mut().zip(spectrum(h)?).for_each(|(x, h)| *x *= h / size as f32);
    let mut y = back.make_output_vec();
    back.process(&mut product, &mut y).map_err(failed)?;
    y.truncate(len);
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_convolution_is_a_sum_of_echoes() -> Result<()> {
        let x: Vec<f32> = (0..37).map(|t| ((t * 7 % 11) as f32 - 5.0) / 5.0).collect();
        let h: Vec<f32> = (0..20).map(|t| ((t * 5 % 7) as f32 - 3.0) / 3.0).collect();
        let y = convolve(&x, &h)?;
        for (t, &y) in y.iter().enumerate() {
            let echoes = (0..h.len()).filter(|k| (k..=&(k + 36)).contains(&&t));
            let wanted: f32 = echoes.map(|k| h[k] * x[t - k]).sum();
            assert!((y - wanted).abs() < 1e-5, "{t}: {y} {wanted}");
        }
        Ok(())
    }

    #[test]
    fn a_drawn_room_has_its_time_and_its_ratio() -> Result<()> {
        let room = Reverberation::drawn(16_000, (0.4, 0.4), (3.0, 3.0))?;
        let h = room.response(&mut Rng::new(5))?;
        assert_eq!((h.len(), h[0]), (6401, 1.0));
        let sum = |from: usize, to: usize| -> f64 { power(&h[from..to]) * (to - from) as f64 };
        assert!((10.0 * (1.0 / sum(1, 6401)).log10() - 3.0).abs() < 1e-3);
        // Half the time is 30 dB.
        let fall = 10.0 * (sum(1, 800) / sum(3201, 4000)).log10();
        assert!((fall - 30.0).abs() < 2.0, "{fall}");
        Ok(())
    }
}
