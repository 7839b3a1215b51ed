//! A change of items of any type that happens with a probability.

use gradus_tensor::Rng;
use gradus_tensor::rand_distr::{Bernoulli, Distribution};

use crate::{Error, Result};

/// A function for [`Dataset::map`](crate::Dataset::map) that changes an item with a probability and otherwise leaves it as
/// it is. Whether it happens is drawn first, from the item's own generator.
///
/// ```
/// use gradus_data::transforms::sometimes;
/// use gradus_data::{Dataset, TensorDataset};
/// use gradus_tensor::{Rng, Tensor};
///
/// let words = TensorDataset::new(Tensor::<i64>::arange(6))?.map_fixed(|n| Ok(format!("word {}", n.item()?)));
/// // Half of the time without its number.
/// let less = |text: String, _: &mut Rng| Ok(text.replace(char::is_numeric, "").trim().to_string());
/// let noisy = words.map(1, sometimes(0.5, less)?);
/// let texts: Vec<String> = (0..6).map(|i| noisy.get(i)).collect::<Result<_, _>>()?;
/// assert!(texts.iter().any(|text| text == "word") && texts.iter().any(|text| text.len() == 6));
/// # Ok::<(), gradus_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] unless `0 ≤ probability ≤ 1`.
pub fn sometimes<T>(
    probability: f64,
    change: impl Fn(T, &mut Rng) -> Result<T> + Send + Sync,
) -> Result<impl Fn(T, &mut Rng) -> Result<T> + Send + Sync> {
    let happens = Bernoulli::new(probability).map_err(|_| {
        Error::value("sometimes", format!("probability {probability}"), "a number from 0 to 1")
    })?;
    Ok(move |item, rng: &mut Rng| match happens.sample(rng) {
        true => change(item, rng),
        false => Ok(item),
    })
}
