//! The forms of a sample, and their values.
//!
//! A-law and mu-law (ITU-T G.711) are floats of 8 bits: a sign, 3 bits of exponent `e` and 4 of
//! mantissa `m`. In steps of 2⁻¹⁵,
//!
//! * mu-law, all bits flipped: `(8 m + 132) 2^e − 132`;
//! * A-law, every second bit flipped: `16 m + 8` if `e = 0`, otherwise `(16 m + 264) 2^(e − 1)`.

/// The form of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    U8,
    I16,
    I24,
    I32,
    F32,
    F64,
    ALaw,
    MuLaw,
}

impl Encoding {
    /// The form with a tag and a number of bits in a field of so many bytes.
    pub(super) fn new(tag: u16, bits: u16, field: u16) -> Option<Self> {
        match (tag, bits, field) {
            (1, 1..=8, 1) => Some(Self::U8),
            (1, 1..=16, 2) => Some(Self::I16),
            (1, 1..=24, 3) => Some(Self::I24),
            (1, 1..=32, 4) => Some(Self::I32),
            (3, 32, _) => Some(Self::F32),
            (3, 64, _) => Some(Self::F64),
            (6, 8, _) => Some(Self::ALaw),
            (7, 8, _) => Some(Self::MuLaw),
            _ => None,
        }
    }

    /// Bytes a sample.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::ALaw | Self::MuLaw => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The values of whole samples.
    pub(super) fn decode(self, data: &[u8]) -> Vec<f32> {
        match self {
            Self::U8 => each(data, |[b]| (f32::from(b) - 128.0) / 128.0),
            Self::I16 => each(data, |b| f32::from(i16::from_le_bytes(b)) / 32768.0),
            Self::I24 => each(data, |[a, b, c]| fraction(i32::from_le_bytes([0, a, b, c]))),
            Self::I32 => each(data, |b| fraction(i32::from_le_bytes(b))),
            Self::F32 => each(data, f32::from_le_bytes),
            Self::F64 => each(data, |b| f64::from_le_bytes(b) as f32),
            Self::ALaw => each(data, |[b]| a_law(b)),
            Self::MuLaw => each(data, |[b]| mu_law(b)),
        }
    }
}

fn each<const N: usize>(data: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    data.as_chunks().0.iter().map(|&bytes| value(bytes)).collect()
}

/// In units of 2³¹.
fn fraction(x: i32) -> f32 {
    x as f32 / 2_147_483_648.0
}

fn mu_law(byte: u8) -> f32 {
    let (exponent, mantissa) = parts(!byte);
    let size = ((8 * mantissa + 132) << exponent) - 132;
    (if byte & 0x80 == 0 { -size } else { size }) as f32 / 32768.0
}

fn a_law(byte: u8) -> f32 {
    let (exponent, mantissa) = parts(byte ^ 0x55);
    let size = match exponent {
        0 => 16 * mantissa + 8,
        e => (16 * mantissa + 264) << (e - 1),
    };
    (if byte & 0x80 == 0 { -size } else { size }) as f32 / 32768.0
}

fn parts(byte: u8) -> (i32, i32) {
    (i32::from(byte >> 4 & 7), i32::from(byte & 15))
}
