//! Numbers for each of `D` axes, and what users may write instead.

use crate::settings::{Stored, Value};

/// A number for each of `D` axes: one number stands for all.
///
/// ```
/// use gradus_tensor::Axes;
/// assert_eq!(Axes::<2>::from(3).get(), [3, 3]);
/// assert_eq!(Axes::<2>::from([3, 1]).get(), [3, 1]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Axes<const D: usize>([usize; D]);

impl<const D: usize> Axes<D> {
    /// The numbers.
    pub fn get(self) -> [usize; D] {
        self.0
    }
}

impl<const D: usize> From<usize> for Axes<D> {
    fn from(all: usize) -> Self {
        Self([all; D])
    }
}

impl<const D: usize> From<[usize; D]> for Axes<D> {
    fn from(each: [usize; D]) -> Self {
        Self(each)
    }
}

/// A list of `D` numbers, or one if all are equal.
impl<const D: usize> Stored for Axes<D> {
    const WHOLE: bool = true;

    fn store(&self) -> Value {
        match self.0.split_first() {
            Some((first, rest)) if rest.iter().all(|n| n == first) => first.store(),
            _ => self.0.store(),
        }
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::List(_) => Stored::load(value).map(Self),
            one => usize::load(one).map(Self::from),
        }
    }
    fn blank() -> Self {
        Self([0; D])
    }
}

/// How much stands before the first and after the last element of each of `D` axes: one number for all,
/// one for both sides of each axis, or two for each axis.
///
/// ```
/// use gradus_tensor::Padding;
/// assert_eq!(Padding::<2>::from(1).get(), [[1, 1], [1, 1]]);
/// assert_eq!(Padding::<2>::from([1, 0]).get(), [[1, 1], [0, 0]]);
/// assert_eq!(Padding::<2>::from([[0, 1], [2, 3]]).get(), [[0, 1], [2, 3]]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Padding<const D: usize>([[usize; 2]; D]);

impl<const D: usize> Padding<D> {
    /// Before and after, for each axis.
    pub fn get(self) -> [[usize; 2]; D] {
        self.0
    }

    /// What a kernel of that size needs so that the output is as large as the input, or with a stride
    /// `input / stride`, rounded up. Where the two sides cannot be equal, one more stands after.
    ///
    /// ```
    /// use gradus_tensor::Padding;
    /// assert_eq!(Padding::<1>::same(3, 1).get(), [[1, 1]]);
    /// assert_eq!(Padding::<2>::same([4, 3], [1, 2]).get(), [[1, 2], [2, 2]]);
    /// ```
    pub fn same(kernel: impl Into<Axes<D>>, dilation: impl Into<Axes<D>>) -> Self {
        let (kernel, dilation) = (kernel.into().0, dilation.into().0);
        Self(std::array::from_fn(|i| {
            let all = kernel[i].saturating_sub(1).saturating_mul(dilation[i]);
            [all / 2, all - all / 2]
        }))
    }
}

impl<const D: usize> From<usize> for Padding<D> {
    fn from(all: usize) -> Self {
        Self([[all; 2]; D])
    }
}

impl<const D: usize> From<[usize; D]> for Padding<D> {
    fn from(each: [usize; D]) -> Self {
        Self(each.map(|n| [n; 2]))
    }
}

impl<const D: usize> From<[[usize; 2]; D]> for Padding<D> {
    fn from(sides: [[usize; 2]; D]) -> Self {
        Self(sides)
    }
}

/// One number if all are equal, one for each axis if both sides are equal everywhere, or before and after,
/// axis by axis.
impl<const D: usize> Stored for Padding<D> {
    const WHOLE: bool = true;

    fn store(&self) -> Value {
        match self.0.iter().all(|[before, after]| before == after) {
            true => Axes(self.0.map(|[both, _]| both)).store(),
            false => Value::List(self.0.as_flattened().iter().map(Stored::store).collect()),
        }
    }
    fn load(value: Value) -> Option<Self> {
        match value {
            Value::List(list) if list.len() == 2 * D && D > 0 => {
                let flat = Vec::<usize>::load(Value::List(list))?;
                Some(Self(std::array::from_fn(|i| [flat[2 * i], flat[2 * i + 1]])))
            }
            Value::List(_) => <[usize; D]>::load(value).map(Self::from),
            one => usize::load(one).map(Self::from),
        }
    }
    fn blank() -> Self {
        Self([[0; 2]; D])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_comes_out_or_one_of_every_stride() {
        for kernel in 1..=5 {
            for (stride, dilation, input) in [(1, 1, 7), (1, 3, 6), (2, 1, 7), (2, 2, 8), (3, 2, 5)]
            {
                let spec = crate::ConvSpec::<1>::new().stride(stride).dilation(dilation);
                let output =
                    spec.padding(Padding::same(kernel, dilation)).output_size(input, kernel);
                assert_eq!(
                    output,
                    Ok([input.div_ceil(stride)]),
                    "{kernel} {stride} {dilation} {input}"
                );
            }
        }
    }

    #[test]
    fn texts_bring_the_same_numbers_back() {
        for padding in [Padding::<2>::from(1), [2, 0].into(), [[0, 1], [2, 2]].into()] {
            assert_eq!(Padding::load(padding.store()), Some(padding));
            let text = padding.store().to_string();
            assert_eq!(Padding::load(text.parse().unwrap()), Some(padding), "{text}");
        }
        assert_eq!(Padding::<3>::load(Value::Count(2)), Some(Padding::from(2)));
        assert_eq!(Padding::<2>::load("[1, 2, 3]".parse().unwrap()), None);
        assert_eq!(Axes::<2>::load("[1, 2]".parse().unwrap()), Some(Axes::from([1, 2])));
        assert_eq!(Axes::<2>::load(Value::Count(4)), Some(Axes::from(4)));
        assert_eq!(Axes::<2>::load("[1]".parse().unwrap()), None);
    }
}
