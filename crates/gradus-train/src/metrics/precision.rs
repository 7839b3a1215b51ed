//! Precision: of what was called a class, the share that is of it.
//!
//! `P_c = TP_c / (TP_c + FP_c)`. A class that was never predicted counts as 0, as in scikit-learn.
//!
//! Source: C. J. van Rijsbergen, "Information Retrieval", 2nd ed., 1979, chapter 7.

use super::class_counts::class_metric;

class_metric! {
    /// Of what was called a class, the share that is of it; the mean over classes that [`Average`](super::Average)
    /// says. Its column is called `precision_macro`, say.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::metrics::{Average, Metric, Precision};
    ///
    /// let (predictions, labels) = (Tensor::vector([0, 1, 1]), Tensor::vector([0, 0, 1]));
    /// let precision = Precision::new(2, Average::Macro)?.of((&predictions, &labels))?;
    /// assert_eq!((precision.value(), precision.per_class()), (0.75, vec![1.0, 0.5]));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    Precision, "precision", 0.0, |c| (c.hits as f64, c.predicted as f64)
}
