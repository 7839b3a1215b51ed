//! Silero's voice activity detector: how likely it is that somebody speaks, for every 32 ms of sound at 16 kHz.
//!
//! ```text
//! 64 samples before + 512 samples, the last 64 reflected ─ spectra, 256 samples every 128 ─ |·|
//!   ─ conv1 ─ relu ─ conv2, stride 2 ─ relu ─ conv3, stride 2 ─ relu ─ conv4 ─ relu ─ LSTM ─ relu ─ linear ─ σ
//! ```
//!
//! The spectra are a convolution, too: 129 cosines and 129 sines under a window, which are part of the weights. Four
//! frames of spectra become one, which the LSTM remembers; so the answer depends on all that was heard before.
//! (Silero Team, *Silero VAD*, 2024, version 5, as its ONNX model has it; MIT.) Names: `stft_conv`, `conv1` to `conv4`,
//! `lstm_cell`, `final_conv`.

use gradus_autograd::{Var, no_grad};
use gradus_nn::{Context, Conv1d, Error, Layer, Lstm, LstmState, Module, Result};
use gradus_serialize::{LoadReport, StateDict};
use gradus_tensor::{Activation, Float, Rng, Tensor};

/// A network that hears whether somebody speaks.
///
/// ```
/// use gradus_models::SileroVad;
/// use gradus_tensor::Rng;
///
/// // With trained weights, `net.load(safetensors::read("silero_vad_16k.safetensors")?.tensors)`.
/// let net: SileroVad = SileroVad::init(&mut Rng::new(0))?;
/// let mut stream = net.stream();
/// let mut heard = stream.push(&[0.1; 700])?;
/// heard.extend(stream.push(&[0.2; 900])?);
/// assert_eq!(heard.len(), 1600 / 512);
/// assert!(heard.iter().all(|p| (0.0..=1.0).contains(p)));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct SileroVad<T: Float = f32> {
    /// Spectra.
    pub stft_conv: Conv1d<T>,
    /// 129 bins to 128 channels.
    pub conv1: Conv1d<T>,
    /// To 64, every other frame.
    pub conv2: Conv1d<T>,
    /// To 64, every other frame.
    pub conv3: Conv1d<T>,
    /// To 128.
    pub conv4: Conv1d<T>,
    /// What was heard before.
    pub lstm_cell: Lstm<T>,
    /// One number.
    pub final_conv: Conv1d<T>,
}

/// Sound that comes in pieces of any length.
#[derive(Debug, Clone)]
pub struct SileroStream<'a, T: Float = f32> {
    net: &'a SileroVad<T>,
    /// The 64 samples before, and those that do not fill a chunk yet.
    sound: Vec<f32>,
    state: Option<LstmState<T>>,
}

/// Samples of a chunk, and of what is seen before it.
const CHUNK: usize = 512;
const BEFORE: usize = 64;
/// Chunks that go through the network at once, whatever comes: a bound on memory.
const AT_ONCE: usize = 256;

impl<T: Float> SileroVad<T> {
    /// The rate of the sound in Hz.
    pub const RATE: u32 = 16_000;
    /// The samples for each answer: 32 ms.
    pub const SAMPLES: usize = CHUNK;

    /// A network without knowledge: it needs trained weights.
    ///
    /// # Errors
    /// None; the settings fit each other.
    pub fn init(rng: &mut Rng) -> Result<Self> {
        let conv = |inputs, outputs, stride, rng: &mut Rng| {
            let conv = Conv1d::new(inputs, outputs, 3).padding(1).stride(stride);
            conv.activation(Activation::Relu).init(rng)
        };
        Ok(Self {
            stft_conv: Conv1d::new(1, 258, 256).stride(128).bias(false).init(rng)?,
            conv1: conv(129, 128, 1, rng)?,
            conv2: conv(128, 64, 2, rng)?,
            conv3: conv(64, 64, 2, rng)?,
            conv4: conv(64, 128, 1, rng)?,
            lstm_cell: Lstm::new(128, 128).init(rng)?,
            final_conv: Conv1d::new(128, 1, 1).init(rng)?,
        })
    }

    /// Loads trained weights, as Silero's safetensors name them (`lstm_cell.weight_ih`) or as PyTorch names an LSTM
    /// (`lstm_cell.weight_ih_l0`).
    ///
    /// # Errors
    /// If the weights do not fit; then the model is as it was.
    pub fn load(&mut self, weights: StateDict) -> gradus_serialize::Result<LoadReport> {
        let weights = weights.renamed(|name| {
            let bare = name.starts_with("lstm_cell.") && !name.ends_with("_l0");
            Some(if bare { format!("{name}_l0") } else { name.to_string() })
        })?;
        gradus_serialize::load(self, &weights)
    }

    /// Sound from its beginning on, in pieces.
    pub fn stream(&self) -> SileroStream<'_, T> {
        SileroStream { net: self, sound: vec![0.0; BEFORE], state: None }
    }

    /// The probability of speech in each 512 samples of a whole sound at 16 kHz; silence fills up the last.
    ///
    /// # Errors
    /// [`Error::Setting`] if a sample is not finite.
    pub fn probabilities(&self, samples: &[f32]) -> Result<Vec<f32>> {
        let mut stream = self.stream();
        let mut heard = stream.push(samples)?;
        let rest = samples.len() % CHUNK;
        if rest > 0 {
            heard.extend(stream.push(&vec![0.0; CHUNK - rest])?);
        }
        Ok(heard)
    }

    /// The logits of chunks one after the other, `[chunks, 640]`: each with what is before and reflected behind it.
    fn forward(
        &self,
        chunks: &Var<T>,
        state: Option<&LstmState<T>>,
        cx: &mut Context,
    ) -> Result<(Var<T>, LstmState<T>)> {
        let spectra = self.stft_conv.forward(&chunks.unsqueeze(1)?, cx)?;
        let [real, imaginary] = [spectra.slice(1, ..129)?, spectra.slice(1, 129..)?];
        let mut x = real.square().add(&imaginary.square())?.sqrt();
        for conv in [&self.conv1, &self.conv2, &self.conv3, &self.conv4] {
            x = conv.forward(&x, cx)?;
        }
        // [chunks, 128, 1]: chunk after chunk is a sequence of one sample.
        let (x, state) = self.lstm_cell.forward(&x.transpose(1, 2)?, state, cx)?;
        Ok((self.final_conv.forward(&x.relu().transpose(1, 2)?, cx)?, state))
    }
}

impl<T: Float> SileroStream<'_, T> {
    /// Takes samples at 16 kHz; gives the probability of speech for each chunk of 512 that is full now.
    ///
    /// # Errors
    /// [`Error::Setting`] if a sample is not finite; then nothing was taken.
    pub fn push(&mut self, samples: &[f32]) -> Result<Vec<f32>> {
        if let Some(i) = samples.iter().position(|x| !x.is_finite()) {
            let got = format!("{} as sample {i}", samples[i]);
            return Err(Error::setting("SileroVad", got, "finite samples"));
        }
        self.sound.extend_from_slice(samples);
        let mut heard = Vec::new();
        loop {
            let count = ((self.sound.len() - BEFORE) / CHUNK).min(AT_ONCE);
            if count == 0 {
                return Ok(heard);
            }
            let mut values = Vec::with_capacity(count * (BEFORE + CHUNK + BEFORE));
            for chunk in 0..count {
                let chunk = &self.sound[chunk * CHUNK..][..BEFORE + CHUNK];
                // Without the last sample, which is not said twice.
                let back = chunk[..BEFORE + CHUNK - 1].iter().rev().take(BEFORE);
                values.extend(chunk.iter().chain(back).map(|&x| T::from_f64(x.into())));
            }
            let chunks = Var::from(Tensor::from_vec(values, [count, BEFORE + CHUNK + BEFORE])?);
            let forward = || self.net.forward(&chunks, self.state.as_ref(), &mut Context::eval());
            let (logits, state) = no_grad(forward)?;
            self.state = Some(state);
            heard.extend(logits.sigmoid().value().to_vec().into_iter().map(|p| p.to_f64() as f32));
            self.sound.drain(..count * CHUNK);
        }
    }
}
