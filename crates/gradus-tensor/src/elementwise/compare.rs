//! Comparison, logic and choice, element by element.

use crate::{Element, Result, Tensor, concrete};

type Comparison<T> = fn(&Tensor<T>, &Tensor<T>) -> Result<Tensor<bool>>;

macro_rules! comparisons {
    ($($name:ident $op:tt $what:literal;)*) => {
        impl<T: Element> Tensor<T> {
            $(
                #[doc = concat!("Where this tensor is ", $what, " the other, with broadcasting.")]
                ///
                /// # Errors
                /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
                pub fn $name(&self, other: &Tensor<T>) -> Result<Tensor<bool>> {
                    fn kernel<T: Element>(x: &Tensor<T>, y: &Tensor<T>) -> Result<Tensor<bool>> {
                        x.zip(concat!("compare with ", stringify!($op)), y, |x, y| x $op y)
                    }
                    fn ordered<T: Element>() -> Comparison<T> {
                        concrete!(Ordered, kernel: Comparison<T>)
                    }
                    ordered::<T::Ordered>()(&T::ordered(self), &T::ordered(other))
                }
            )*
        }
    };
}
comparisons! {
    equal == "equal to";
    not_equal != "different from";
    less < "less than";
    less_equal <= "at most equal to";
    greater > "greater than";
    greater_equal >= "at least equal to";
}

impl Tensor<bool> {
    /// Elements of `yes` where this tensor is true, of `no` elsewhere, with broadcasting.
    ///
    /// ```
    /// # use gradus_tensor::Tensor;
    /// let x = Tensor::vector([-1.0_f32, 2.0]);
    /// let zero = Tensor::scalar(0.0);
    /// assert_eq!(x.greater(&zero)?.choose(&x, &zero)?.to_vec(), [0.0, 2.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn choose<T: Element>(&self, yes: &Tensor<T>, no: &Tensor<T>) -> Result<Tensor<T>> {
        fn kernel<T: Element>(
            chosen: &Tensor<bool>,
            yes: &Tensor<T>,
            no: &Tensor<T>,
        ) -> Result<Tensor<T>> {
            chosen.zip3("choose", yes, no, |c, y, n| if c { y } else { n })
        }
        type Choice<T> = fn(&Tensor<bool>, &Tensor<T>, &Tensor<T>) -> Result<Tensor<T>>;
        fn bits<T: Element>() -> Choice<T> {
            concrete!(Bits, kernel: Choice<T>)
        }
        bits::<T::Bits>()(self, yes.bits(), no.bits()).map(Tensor::of_bits)
    }

    /// True where both are.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn and(&self, other: &Tensor<bool>) -> Result<Tensor<bool>> {
        self.zip("and", other, |x, y| x & y)
    }

    /// True where either is.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) if the shapes do not fit.
    pub fn or(&self, other: &Tensor<bool>) -> Result<Tensor<bool>> {
        self.zip("or", other, |x, y| x | y)
    }

    /// True where this is false.
    pub fn negate(&self) -> Tensor<bool> {
        self.map(|x| !x)
    }
}
