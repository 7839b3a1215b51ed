//! Texts as metrics take them in: what a model wrote, and what it should have written.

/// One text or several: a string, or a slice, array or vector of strings.
pub trait Texts {
    /// The texts, in their order.
    fn texts(&self) -> Vec<&str>;
}

/// The references of one text or several: a string or one for each text, or for each text a slice,
/// array or vector of several.
pub trait References {
    /// The references of each text.
    fn references(&self) -> Vec<Vec<&str>>;
}

/// Hypotheses and their references, made from a pair of them: `("a cat", "the cat")`,
/// `(&hypotheses, &references)`. As many references as hypotheses, in the same order; each may be
/// several, where a metric can choose among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPairs<'a> {
    /// What the model wrote.
    pub hypotheses: Vec<&'a str>,
    /// For each of them, what it should have written.
    pub references: Vec<Vec<&'a str>>,
}

impl<'a, H: Texts + ?Sized, R: References + ?Sized> From<(&'a H, &'a R)> for TextPairs<'a> {
    fn from((hypotheses, references): (&'a H, &'a R)) -> Self {
        Self { hypotheses: hypotheses.texts(), references: references.references() }
    }
}

macro_rules! one {
    ($($text:ty),*) => {$(
        impl Texts for $text {
            fn texts(&self) -> Vec<&str> {
                vec![self]
            }
        }

        impl References for $text {
            fn references(&self) -> Vec<Vec<&str>> {
                vec![vec![self]]
            }
        }
    )*};
}

macro_rules! many {
    ($([$($n:tt)*] $list:ty),*) => {$(
        impl<S: AsRef<str> $($n)*> Texts for $list {
            fn texts(&self) -> Vec<&str> {
                self.iter().map(AsRef::as_ref).collect()
            }
        }

        impl<S: Texts $($n)*> References for $list {
            fn references(&self) -> Vec<Vec<&str>> {
                self.iter().map(Texts::texts).collect()
            }
        }
    )*};
}

one!(str, String);
many!([] [S], [] Vec<S>, [, const N: usize] [S; N]);

impl<T: Texts + ?Sized> Texts for &T {
    fn texts(&self) -> Vec<&str> {
        (**self).texts()
    }
}

impl<T: References + ?Sized> References for &T {
    fn references(&self) -> Vec<Vec<&str>> {
        (**self).references()
    }
}
