//! Intersection over union, the Jaccard index: how well a region that was found covers the true one.
//!
//! `IoU_c = |P_c ∩ T_c| / |P_c ∪ T_c| = TP_c / (TP_c + FP_c + FN_c)` over all pixels of all images.
//!
//! Source: P. Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11, 1912; for
//! pictures M. Everingham et al., "The Pascal Visual Object Classes Challenge", IJCV 88, 2010, section 4.3.

use super::class_counts::class_metric;

class_metric! {
    /// The share of the pixels that are of a class or were called so, that are both; the mean over classes
    /// that [`Average`](super::Average) says: `Macro` is the mean IoU of segmentation. Its column is called
    /// `iou_macro`, say.
    ///
    /// In [`per_class`](Self::per_class) a class that neither occurs nor was predicted is NaN. Pixels that nobody
    /// labelled are left out with [`Labelled::ignoring`](super::Labelled::ignoring).
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::metrics::{Average, Iou, Labelled, Metric};
    ///
    /// let found = Tensor::from_vec(vec![0, 1, 1, 1], [1, 2, 2])?;
    /// let truth = Tensor::from_vec(vec![0, 0, 1, 255], [1, 2, 2])?;
    /// let batch = Labelled::new((&found, &truth)).ignoring(255);
    /// let iou = Iou::new(2, Average::Macro)?.of(batch)?;
    /// assert_eq!((iou.value(), iou.per_class()), (0.5, vec![0.5, 0.5]));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    Iou, "iou", f64::NAN, |c| {
        let hits = c.hits as f64;
        (hits, c.predicted as f64 + c.support as f64 - hits)
    }
}
