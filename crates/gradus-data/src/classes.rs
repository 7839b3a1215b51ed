//! What can be done with the classes of items: count them, weigh them, and divide a data set so that both parts have
//! them in the same proportion.

use std::sync::Arc;

use crate::seeds::{self, Use};
use crate::{Dataset, Error, Part, Result, Subset};

/// The classes of all items of a data set. Every item is read for it; where that takes long, keep them.
///
/// ```
/// use gradus_data::{Dataset, Digits, class_counts, classes};
/// let (train, _test) = Digits::load()?.split(0.8, 42)?;
/// let counts = class_counts(&classes(&train)?)?;
/// assert_eq!((counts.len(), counts.iter().sum::<usize>()), (10, train.len()));
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// As [`Dataset::get`].
pub fn classes<X>(dataset: &impl Dataset<Item = (X, i64)>) -> Result<Vec<i64>> {
    (0..dataset.len()).map(|index| Ok(dataset.get(index)?.1)).collect()
}

/// How many items each class has, from class 0 to the largest.
///
/// # Errors
/// [`Error::Value`] if a class is negative, or so large that more than a thousand classes, and all but one in a thousand,
/// would have no item: that is no number of a class.
pub fn class_counts(classes: &[i64]) -> Result<Vec<usize>> {
    let mut counts = Vec::new();
    let most = classes.len().saturating_add(1).saturating_mul(1000);
    for (item, &class) in classes.iter().enumerate() {
        let place = usize::try_from(class).ok().filter(|&place| place < most).ok_or_else(|| {
            let got = format!("class {class} of item {item}");
            Error::value(
                "class_counts",
                got,
                format!("classes from 0, below {most} for {} items", classes.len()),
            )
        })?;
        if place >= counts.len() {
            counts.resize(place + 1, 0);
        }
        counts[place] += 1;
    }
    Ok(counts)
}

/// A weight for each item, `1 / (items of its class)`, so that the weights of each class that occurs sum to 1: for
/// [`WeightedRandomSampler`](crate::samplers::WeightedRandomSampler).
///
/// ```
/// use gradus_data::inverse_frequency;
/// assert_eq!(inverse_frequency(&[0, 1, 0, 0, 0])?, [0.25, 1.0, 0.25, 0.25, 0.25]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// As [`class_counts`].
pub fn inverse_frequency(classes: &[i64]) -> Result<Vec<f64>> {
    let counts = class_counts(classes)?;
    // Those that were counted have a place.
    Ok(classes.iter().map(|&class| 1.0 / counts[class as usize] as f64).collect())
}

/// Two disjoint parts that together hold every item, each class divided in the same proportion: of a class of `n` items
/// the first part gets `fraction · n`, rounded down or up so that `round(fraction · len)` come together (the largest
/// remainders up, the lower class first where they are equal), but at least one and at most `n − 1`.
///
/// The items stand in random order, determined by the seed, the classes and the fraction.
///
/// ```
/// use gradus_data::{Dataset, Digits, class_counts, classes, stratified_split};
/// let digits = Digits::load()?;
/// let labels = classes(&digits)?;
/// let (train, test) = stratified_split(digits, &labels, 0.8, 42)?;
/// assert_eq!((train.len(), test.len()), (1438, 359));
/// assert_eq!(class_counts(&classes(&test)?)?, [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] unless `0 < fraction < 1`, there is a class for each item, and every class that occurs has two
/// items; and as [`class_counts`].
pub fn stratified_split<D: Dataset>(
    dataset: D,
    classes: &[i64],
    fraction: f64,
    seed: u64,
) -> Result<(Part<D>, Part<D>)> {
    let op = "stratified_split";
    if !(fraction > 0.0 && fraction < 1.0) {
        return Err(Error::value(op, format!("fraction {fraction}"), "0 < fraction < 1"));
    }
    let len = dataset.len();
    if classes.len() != len || len == 0 {
        let got = format!("{} classes for {len} items", classes.len());
        return Err(Error::value(op, got, "a class for each of one or more items"));
    }
    let counts = class_counts(classes)?;
    if let Some(class) = counts.iter().position(|&count| count == 1) {
        let wanted = "at least two, one for each part; leave the class out or join it with another";
        return Err(Error::value(op, format!("one item of class {class}"), wanted));
    }
    let mut room = quotas(&counts, fraction);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for item in seeds::rng(seed, Use::Split, 0).permutation(len) {
        let left = &mut room[classes[item] as usize];
        if *left > 0 {
            *left -= 1;
            first.push(item);
        } else {
            second.push(item);
        }
    }
    let dataset = Arc::new(dataset);
    Ok((Subset::new(Arc::clone(&dataset), first)?, Subset::new(dataset, second)?))
}

/// How many items of each class the first part gets.
fn quotas(counts: &[usize], fraction: f64) -> Vec<usize> {
    let share = |count: usize| fraction * count as f64;
    let most = |count: usize| count.saturating_sub(1);
    let floor = |&count: &usize| (share(count) as usize).max(1).min(most(count));
    let mut quotas: Vec<usize> = counts.iter().map(floor).collect();
    let wanted = share(counts.iter().sum()).round() as usize;
    let missing = wanted.saturating_sub(quotas.iter().sum());
    let mut order: Vec<usize> = (0..counts.len()).collect();
    let rest = |class: usize| share(counts[class]) - quotas[class] as f64;
    order.sort_by(|&a, &b| rest(b).total_cmp(&rest(a)));
    order.retain(|&class| quotas[class] < most(counts[class]) && rest(class) > 0.0);
    order.into_iter().take(missing).for_each(|class| quotas[class] += 1);
    quotas
}

#[cfg(test)]
mod tests {
    use super::quotas;

    #[test]
    fn quotas_are_largest_remainders() {
        for (counts, fraction, wanted) in [
            (vec![10, 10], 0.5, vec![5, 5]),
            (vec![3, 3, 4], 0.5, vec![2, 1, 2]),
            (vec![5, 0, 15], 0.8, vec![4, 0, 12]),
            (vec![2, 2, 2], 0.9, vec![1, 1, 1]),
            (vec![2, 100], 0.01, vec![1, 1]),
        ] {
            assert_eq!(quotas(&counts, fraction), wanted, "{counts:?} {fraction}");
        }
    }
}
