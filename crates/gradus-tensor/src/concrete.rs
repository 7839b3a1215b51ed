//! Kernels that are compiled once.
//!
//! A generic function is compiled in every crate that calls it, as often as it is called with another
//! type, and with that crate's optimisation: none, in a debug build. A kernel of ours must not be. So
//! what a user calls is a thin generic face, and behind it stand functions of one type of number
//! each, compiled in the crate that wrote them:
//!
//! ```
//! use gradus_tensor::{Float, Result, Tensor, concrete};
//!
//! /// The face: generic, and one call.
//! pub fn squares<T: Float>(x: &Tensor<T>) -> Tensor<T> {
//!     concrete!(kernel: fn(&Tensor<T>) -> Tensor<T>)(x)
//! }
//!
//! /// The kernel: compiled here, for `f32` and for `f64`.
//! fn kernel<T: Float>(x: &Tensor<T>) -> Tensor<T> {
//!     x.map(|x| x * x)
//! }
//!
//! assert_eq!(squares(&Tensor::vector([3.0_f32])).to_vec(), [9.0]);
//! assert_eq!(squares(&Tensor::vector([0.5_f64])).to_vec(), [0.25]);
//! ```
//!
//! How it works: the macro puts the addresses of the two kernels into two statics. A static belongs to
//! the crate in which it stands, so that crate compiles what it points to. The face compares its own type
//! with both, which costs nothing once it is optimised, and calls through the pointer that fits.
//!
//! A closure cannot be handed over in this way: what a user passes to [`map`](crate::Tensor::map) is
//! compiled by the user.

use std::any::Any;

/// The kernel, if it is of type `K`.
#[doc(hidden)]
#[inline]
pub fn pick<K: Copy + 'static, A: Copy + 'static>(kernel: &A) -> Option<K> {
    (kernel as &dyn Any).downcast_ref().copied()
}

/// The function (or method, as `Tensor::name`) of the given name and type, compiled once for each type
/// of number: `f32` and `f64`, or, with `Number` or `Element` before it, each type of that trait. `T`
/// stands for the type of number, here and at the call. See the [module](mod@crate::concrete).
///
/// ```
/// use gradus_tensor::{Number, Tensor, concrete};
///
/// fn doubled<T: Number>(x: &Tensor<T>) -> Tensor<T> {
///     fn kernel<T: Number>(x: &Tensor<T>) -> Tensor<T> {
///         x.map(|x| x.plus(x))
///     }
///     concrete!(Number, kernel: fn(&Tensor<T>) -> Tensor<T>)(x)
/// }
/// assert_eq!(doubled(&Tensor::vector([3_i64])).to_vec(), [6]);
/// ```
#[macro_export]
macro_rules! concrete {
    (Element, $($kernel:tt)*) => {
        $crate::concrete!(
            [
                f32, f64, i64, u8, bool, i8, i16, i32, u16, u32, u64, $crate::F16, $crate::BF16
            ] $($kernel)*
        )
    };
    (Number, $($kernel:tt)*) => { $crate::concrete!([f32, f64, i64, u8] $($kernel)*) };
    // Of an `Element`: its `Bits`, its `Ordered`.
    (Bits, $($kernel:tt)*) => { $crate::concrete!([u8, u16, u32, u64] $($kernel)*) };
    (Ordered, $($kernel:tt)*) => { $crate::concrete!([f32, f64, i64, u64, u8] $($kernel)*) };
    ([$($number:ty),*] $kernel:ident $(:: $method:ident)? : $of:ty) => {{
        // `$of` speaks of `T`, which is this alias's as well as that of the face around it.
        type Concrete<T> = $of;
        // A test inside the crate compiles what it calls itself, which is little.
        #[cfg(test)]
        let kernel: Concrete<T> = $crate::concrete!(@of T, [$kernel $(:: $method)?]);
        #[cfg(not(test))]
        let kernel = $crate::concrete!(@pick Concrete [$kernel $(:: $method)?] $($number),*);
        kernel
    }};
    (@pick $of:ident $kernel:tt $first:ty $(, $other:ty)*) => {{
        static KERNEL: $of<$first> = $crate::concrete!(@of $first, $kernel);
        match $crate::concrete::pick::<$of<T>, _>(&KERNEL) {
            Some(kernel) => kernel,
            None => $crate::concrete!(@pick $of $kernel $($other),*),
        }
    }};
    (@pick $of:ident $kernel:tt) => {
        unreachable!("a number of another type")
    };
    (@of $number:ty, [$kernel:ident]) => { $kernel::<$number> };
    (@of $number:ty, [$type:ident :: $method:ident]) => { $type::<$number>::$method };
    ($kernel:ident $(:: $method:ident)? : $of:ty) => {
        $crate::concrete!([f32, f64] $kernel $(:: $method)?: $of)
    };
}
