//! The type of elements as a value, as a file has it.

use std::fmt;

use crate::Element;

/// The same expression for the type that a [`Dtype`] names: `$T` stands for it.
macro_rules! each_type {
    ($dtype:expr, $T:ident => $do:expr) => {
        match $dtype {
            $crate::Dtype::Bool => {
                type $T = bool;
                $do
            }
            $crate::Dtype::U8 => {
                type $T = u8;
                $do
            }
            $crate::Dtype::I8 => {
                type $T = i8;
                $do
            }
            $crate::Dtype::U16 => {
                type $T = u16;
                $do
            }
            $crate::Dtype::I16 => {
                type $T = i16;
                $do
            }
            $crate::Dtype::U32 => {
                type $T = u32;
                $do
            }
            $crate::Dtype::I32 => {
                type $T = i32;
                $do
            }
            $crate::Dtype::U64 => {
                type $T = u64;
                $do
            }
            $crate::Dtype::I64 => {
                type $T = i64;
                $do
            }
            $crate::Dtype::F16 => {
                type $T = $crate::F16;
                $do
            }
            $crate::Dtype::BF16 => {
                type $T = $crate::BF16;
                $do
            }
            $crate::Dtype::F32 => {
                type $T = f32;
                $do
            }
            $crate::Dtype::F64 => {
                type $T = f64;
                $do
            }
        }
    };
}
pub(crate) use each_type;

/// The type of a tensor's elements.
///
/// ```
/// use gradus_tensor::Dtype;
/// assert_eq!((Dtype::of::<f32>(), Dtype::F32.size()), (Dtype::F32, 4));
/// assert_eq!(Dtype::BF16.to_string(), "bf16");
/// assert_eq!(Dtype::from_name("i16"), Some(Dtype::I16));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dtype {
    /// Truth values, a byte each.
    Bool,
    /// Bytes.
    U8,
    /// 8-bit signed integers.
    I8,
    /// 16-bit unsigned integers.
    U16,
    /// 16-bit signed integers.
    I16,
    /// 32-bit unsigned integers.
    U32,
    /// 32-bit signed integers.
    I32,
    /// 64-bit unsigned integers.
    U64,
    /// 64-bit signed integers.
    I64,
    /// Half precision ([`crate::F16`]).
    F16,
    /// The upper half of single precision ([`crate::BF16`]).
    BF16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

impl Dtype {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Bool,
        Self::U8,
        Self::I8,
        Self::U16,
        Self::I16,
        Self::U32,
        Self::I32,
        Self::U64,
        Self::I64,
        Self::F16,
        Self::BF16,
        Self::F32,
        Self::F64,
    ];

    /// That of `T`.
    pub fn of<T: Element>() -> Self {
        T::DTYPE
    }

    /// Its name, as in Rust; `f16` and `bf16` are those of [`F16`](crate::F16) and [`BF16`](crate::BF16).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// The type of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dtype| dtype.name() == name)
    }

    /// How many bytes an element takes.
    pub const fn size(self) -> usize {
        each_type!(self, T => size_of::<T>())
    }

    /// Whether the elements are floating-point numbers.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::BF16 | Self::F32 | Self::F64)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
