//! All types of elements: casts against plain definitions, copies, comparisons, and tensors of any type.

use std::fmt::Debug;

use gradus_tensor::{AnyTensor, BF16, Cast, Dtype, F16, Tensor};

/// A value as the tests see it: a whole number or a double, either of them exact.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Whole(i128),
    Real(f64),
}

/// An element, and the plain definition of a cast to it.
trait Plain: Cast + Debug {
    fn value(self) -> Value;
    fn of_value(x: Value) -> Self;
    /// Interesting values.
    fn values() -> Vec<Self>;
}

macro_rules! whole {
    ($($t:ident)*) => { $(impl Plain for $t {
        fn value(self) -> Value {
            Value::Whole(self as i128)
        }
        fn of_value(x: Value) -> Self {
            match x {
                Value::Whole(x) => x.clamp($t::MIN as i128, $t::MAX as i128) as $t,
                // Rust's own rule.
                Value::Real(x) => x as $t,
            }
        }
        fn values() -> Vec<Self> {
            let mut values = vec![$t::MIN, $t::MAX, $t::MIN + 1, $t::MAX - 1, 0, 1, 2, 100, $t::MAX / 2];
            values.extend((0..$t::BITS).map(|i| ($t::MAX >> i).wrapping_add(1)));
            values.extend((0..$t::BITS).map(|i| $t::MAX >> i));
            values
        }
    })* };
}
whole!(i8 i16 i32 i64 u8 u16 u32 u64);

impl Plain for bool {
    fn value(self) -> Value {
        Value::Whole(i128::from(self))
    }
    fn of_value(x: Value) -> Self {
        match x {
            Value::Whole(x) => x != 0,
            Value::Real(x) => x != 0.0,
        }
    }
    fn values() -> Vec<Self> {
        vec![false, true]
    }
}

fn special() -> Vec<f64> {
    let mut values =
        vec![0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.9, -1.9, 127.5, 128.0, 255.0, 256.0, -129.0];
    values.extend([
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
    ]);
    values.extend([
        65504.0,
        65519.9,
        65520.0,
        2.0_f64.powi(-24),
        2.0_f64.powi(-25),
        3e-8,
        1e-45,
        3.4e38,
    ]);
    values.extend([
        3.402_823_5e38,
        3.4e39,
        9.2e18,
        1.8e19,
        1.9e19,
        -9.3e18,
        4_294_967_295.5,
        2_147_483_648.0,
    ]);
    values.extend([1.0 + 2.0_f64.powi(-8), 1.0 + 2.0_f64.powi(-11), 1.0 + 2.0_f64.powi(-24)]);
    values.extend([1.0 + 2.0_f64.powi(-8) + 2.0_f64.powi(-40), 1.0 + 2.0_f64.powi(-11) + 1e-15]);
    values.extend((0..2000).map(|i| (f64::from(i) * 0.77 - 800.0) * 1.13_f64.powi(i % 300 - 150)));
    values
}

macro_rules! singles_and_doubles {
    ($($t:ident)*) => { $(impl Plain for $t {
        fn value(self) -> Value {
            Value::Real(self.into())
        }
        fn of_value(x: Value) -> Self {
            match x {
                Value::Whole(x) => x as $t,
                Value::Real(x) => x as $t,
            }
        }
        fn values() -> Vec<Self> {
            special().into_iter().map(|x| x as $t).collect()
        }
    })* };
}
singles_and_doubles!(f32 f64);

/// The nearest of all numbers of 16 bits, by search among those of the sign; `x` is compared exactly.
fn nearest(x: Value, greatest: u16, to_f64: impl Fn(u16) -> f64) -> u16 {
    let (negative, size) = match x {
        Value::Real(x) if x.is_nan() => return u16::MAX,
        Value::Real(x) => (x.is_sign_negative(), Value::Real(x.abs())),
        Value::Whole(x) => (x < 0, Value::Whole(x.abs())),
    };
    let above = |middle: f64| match size {
        Value::Real(x) => x.partial_cmp(&middle),
        // Middles are whole where they are compared with large whole numbers.
        Value::Whole(x) if middle.fract() == 0.0 && middle < 1e38 => Some(x.cmp(&(middle as i128))),
        Value::Whole(x) => (x as f64).partial_cmp(&middle),
    };
    // After the greatest comes infinity, which stands for the next power of two.
    let number = |bits: u16| match bits {
        bits if bits <= greatest => to_f64(bits),
        _ => 2.0 * to_f64(greatest) - to_f64(greatest - 1),
    };
    let (mut low, mut high) = (0, greatest + 1);
    while low < high {
        let middle = (low + high) / 2;
        let between = (number(middle) + number(middle + 1)) / 2.0;
        let up = match above(between) {
            Some(std::cmp::Ordering::Equal) => middle % 2 == 1,
            order => order == Some(std::cmp::Ordering::Greater),
        };
        if up { low = middle + 1 } else { high = middle }
    }
    low | u16::from(negative) << 15
}

macro_rules! halves {
    ($($t:ident $greatest:literal)*) => { $(impl Plain for $t {
        fn value(self) -> Value {
            Value::Real(self.into())
        }
        fn of_value(x: Value) -> Self {
            $t::from_bits(nearest(x, $greatest, |bits| $t::from_bits(bits).into()))
        }
        fn values() -> Vec<Self> {
            (0..=u16::MAX).step_by(37).chain([0x7fff, 0x8000, $greatest, $greatest + 1]).map($t::from_bits).collect()
        }
    })* };
}
halves!(F16 0x7bff BF16 0x7f7f);

fn same<T: Plain>(a: T, b: T) -> bool {
    match (a.value(), b.value()) {
        (Value::Real(a), Value::Real(b)) => {
            (a.is_nan() && b.is_nan()) || a.to_bits() == b.to_bits()
        }
        (a, b) => a == b,
    }
}

fn casts<T: Plain, U: Plain>() {
    let values = T::values();
    let x = Tensor::vector(&values);
    // Also where the elements are not neighbours.
    let strided = x.flip(0).unwrap();
    let (got, turned) = (x.cast::<U>().to_vec(), strided.cast::<U>().to_vec());
    for (i, &value) in values.iter().enumerate() {
        let want = U::of_value(value.value());
        for got in [got[i], turned[values.len() - 1 - i]] {
            assert!(same(got, want), "{} {value:?} as {}: {got:?}, not {want:?}", T::NAME, U::NAME);
        }
    }
    let any = AnyTensor::from(x).cast_to(U::DTYPE);
    assert_eq!(any.dtype(), U::DTYPE);
    let any = any.into_tensor::<U>().unwrap().to_vec();
    assert!(any.into_iter().zip(got).all(|(a, b)| same(a, b)));
}

/// The same call for all types.
macro_rules! all {
    ($call:ident $($before:ty)?) => { all!(@ $call [$($before)?] bool u8 i8 u16 i16 u32 i32 u64 i64 F16 BF16 f32 f64) };
    (@ $call:ident [] $($t:ty)*) => { $($call::<$t>();)* };
    (@ $call:ident [$before:ty] $($t:ty)*) => { $($call::<$before, $t>();)* };
}

#[test]
fn casts_between_all_types_are_what_their_definition_says() {
    fn from<T: Plain>() {
        all!(casts T);
    }
    all!(from);
}

#[test]
fn whole_numbers_are_rounded_once_on_the_way_to_sixteen_bits() {
    // A double would hold the first as exactly halfway, and round it to the even neighbour below.
    let (x, unit) =
        (Tensor::vector([(1_i64 << 62) + (1 << 54) + 1, -(1 << 62) - (1 << 54)]), 1_i64 << 55);
    let want = [(1_i64 << 62) + unit, -(1_i64 << 62)].map(|x| x as f32);
    assert_eq!(x.cast::<BF16>().cast::<f32>().to_vec(), want);
}

/// What only copies, for values that are no numbers as well.
fn copies<T: Plain>() {
    let values: Vec<T> = T::values().into_iter().cycle().take(60).collect();
    let x = Tensor::from_slice(&values, [3, 4, 5]).unwrap();
    let agree = |got: &Tensor<T>, at: &dyn Fn(usize) -> T| {
        got.to_vec().into_iter().enumerate().all(|(i, y)| same(y, at(i)))
    };
    assert!(agree(&x.permute(&[2, 1, 0]).unwrap().contiguous(), &|i| values
        [i % 3 * 20 + i / 3 % 4 * 5 + i / 12]));
    assert!(agree(&x.channels_last().unwrap(), &|i| values[i]));
    assert!(agree(&Tensor::concat(&[&x, &x], 0).unwrap(), &|i| values[i % 60]));
    assert!(agree(&Tensor::stack(&[&x, &x], 0).unwrap(), &|i| values[i % 60]));
    let index = Tensor::vector([2_i64, 0]);
    assert!(agree(&x.select(0, &index).unwrap(), &|i| values[if i < 20 { 40 + i } else { i - 20 }]));
    let last = x.slice(2, 4..).unwrap();
    assert!(agree(&last, &|i| values[i * 5 + 4]));
    let padded = Tensor::vector(&values[..2]).pad(&[(1, 0)], values[0]).unwrap();
    assert!(agree(&padded, &|i| values[i.saturating_sub(1)]));
    let mut y = Tensor::full([60], T::default());
    let before = y.clone();
    y.assign(&Tensor::vector(&values)).unwrap();
    assert!(agree(&y, &|i| values[i]) && agree(&before, &|_| T::default()));
    let mask = Tensor::filled_by([60], |out| {
        out.iter_mut().enumerate().for_each(|(i, m)| *m = i % 2 == 0)
    });
    let chosen = mask.choose(&y, &before).unwrap();
    assert!(agree(&chosen, &|i| if i % 2 == 0 { values[i] } else { T::default() }));
    assert!(agree(&Tensor::from_slice(&values[..9], [3, 3]).unwrap().tril(0).unwrap(), &|i| {
        if i % 3 <= i / 3 { values[i] } else { T::default() }
    }));
    assert!(format!("{x:?}").starts_with(&format!("Tensor<{}>[3, 4, 5]", T::NAME)));
}

#[test]
fn every_type_is_copied_as_it_is() {
    all!(copies);
}

fn compares<T: Plain>() {
    let values = T::values();
    let x = Tensor::vector(&values);
    let y = x.flip(0).unwrap();
    let pairs = || values.iter().copied().zip(values.iter().copied().rev());
    assert_eq!(x.less(&y).unwrap().to_vec(), pairs().map(|(x, y)| x < y).collect::<Vec<_>>());
    assert_eq!(x.equal(&y).unwrap().to_vec(), pairs().map(|(x, y)| x == y).collect::<Vec<_>>());
    let sorted = x.sort(0, false).unwrap().0.to_vec();
    #[allow(clippy::neg_cmp_op_on_partial_ord, reason = "NaN is neither")]
    let ordered = sorted.windows(2).all(|pair| !(pair[0] > pair[1]));
    assert!(ordered, "{}", T::NAME);
    let numbers = Tensor::vector(
        sorted.into_iter().filter(|x| x.partial_cmp(x).is_some()).collect::<Vec<_>>(),
    );
    assert!(numbers == numbers.clone() && numbers != numbers.flip(0).unwrap());
}

#[test]
fn every_type_is_compared_by_value() {
    all!(compares);
}

fn any<T: Plain>() {
    let x = Tensor::full([2, 3], T::default());
    let any = AnyTensor::from(x.clone());
    assert_eq!(
        (any.dtype(), any.shape(), any.len(), any.is_empty()),
        (T::DTYPE, &[2, 3][..], 6, false)
    );
    assert_eq!(any, any.clone());
    assert_eq!(any.get::<T>(), Some(&x));
    assert_eq!(format!("{any:?}"), format!("{x:?}"));
    assert!(
        Dtype::ALL
            .into_iter()
            .filter(|&other| other != T::DTYPE)
            .all(|other| any.cast_to(other) != any)
    );
    assert_eq!((T::DTYPE.size(), Dtype::from_name(T::NAME)), (size_of::<T>(), Some(T::DTYPE)));
    assert_eq!(any.into_tensor::<T>(), Ok(x));
}

#[test]
fn a_tensor_of_any_type_gives_back_what_it_was_made_of() {
    all!(any);
    let x = AnyTensor::from(Tensor::scalar(1_i32));
    assert!(x.get::<u32>().is_none() && x.clone().into_tensor::<i64>() == Err(x));
    assert_eq!((Dtype::of::<F16>().to_string(), Dtype::F16.is_float()), ("f16".into(), true));
    assert_eq!(Dtype::from_name("f8"), None);
}
