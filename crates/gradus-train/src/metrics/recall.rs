//! Recall: of what is of a class, the share that was called so.
//!
//! `R_c = TP_c / (TP_c + FN_c)`. A class without items counts as 0, as in scikit-learn.
//!
//! Source: C. J. van Rijsbergen, "Information Retrieval", 2nd ed., 1979, chapter 7.

use super::class_counts::class_metric;

class_metric! {
    /// Of what is of a class, the share that was called so; the mean over classes that [`Average`](super::Average)
    /// says. Its column is called `recall_macro`, say.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::metrics::{Average, Metric, Recall};
    ///
    /// let (predictions, labels) = (Tensor::vector([0, 1, 1]), Tensor::vector([0, 0, 1]));
    /// let recall = Recall::new(2, Average::Class(0))?.of((&predictions, &labels))?;
    /// assert_eq!((recall.name().as_str(), recall.value()), ("recall_class0", 0.5));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    Recall, "recall", 0.0, |c| (c.hits as f64, c.support as f64)
}
