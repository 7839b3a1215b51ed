//! F1: the harmonic mean of precision and recall.
//!
//! `F1_c = 2 P_c R_c / (P_c + R_c) = 2 TP_c / (2 TP_c + FP_c + FN_c)`. The second form is also defined
//! for a class that has items and no hits: 0.
//!
//! Source: C. J. van Rijsbergen, "Information Retrieval", 2nd ed., 1979, chapter 7 (as `1 - E` with
//! equal weights).

use super::class_counts::class_metric;

class_metric! {
    /// The harmonic mean of precision and recall; the mean over classes that [`Average`](super::Average) says.
    /// Its column is called `f1_macro`, say.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::metrics::{Average, F1, Metric};
    ///
    /// let (predictions, labels) = (Tensor::vector([0, 1, 1]), Tensor::vector([0, 0, 1]));
    /// let f1 = F1::new(2, Average::Micro)?.of((&predictions, &labels))?;
    /// assert_eq!((f1.name().as_str(), f1.value()), ("f1_micro", 2.0 / 3.0));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    F1, "f1", 0.0, |c| (2.0 * c.hits as f64, c.predicted as f64 + c.support as f64)
}
