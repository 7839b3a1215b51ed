//! Small data and models.

use gradus_autograd::Var;
use gradus_data::{Collate, DataLoader, Dataset, ShardItems, Shards, TensorDataset};
use gradus_nn::Module;
use gradus_serialize::state_dict;
use gradus_tensor::{Rng, Tensor};
use gradus_train::Result;

/// A batch of [`lines`].
pub type Pairs = (Var, Var);
/// Points and what a line makes of them, with a little noise.
pub type Lines = TensorDataset<(Tensor, Tensor)>;

pub fn lines(items: usize) -> Result<Lines> {
    let mut rng = Rng::new(7);
    let x = Tensor::normal([items, 2], 0.0, 1.0, &mut rng)?;
    let y = x.slice(1, 0..1)?.mul(&Tensor::scalar(2.0))?.sub(&x.slice(1, 1..2)?)?;
    Ok(TensorDataset::new((x, y))?)
}

pub fn loader<D: Dataset>(data: D, batch_size: usize) -> DataLoader<D>
where
    D::Item: Collate,
{
    DataLoader::new(data).batch_size(batch_size)
}

/// The bits of every parameter and buffer.
pub fn weights(model: &impl Module) -> Vec<u32> {
    let dict = state_dict(model).expect("distinct paths");
    let bits = |tensor: Tensor| tensor.to_vec().into_iter().map(f32::to_bits).collect::<Vec<_>>();
    dict.iter().flat_map(|(_, tensor)| bits(tensor.cast())).collect()
}

/// The items of [`lines`] in shards of four.
pub struct Shelf(pub std::sync::Arc<Lines>);

impl Shards for Shelf {
    type Item = (Tensor, Tensor);
    fn shards(&self) -> usize {
        self.0.len().div_ceil(4)
    }
    fn open(&self, shard: usize) -> gradus_data::Result<ShardItems<Self::Item>> {
        let (all, first) = (self.0.clone(), 4 * shard);
        Ok(Box::new((first..all.len().min(first + 4)).map(move |i| all.get(i))))
    }
}
