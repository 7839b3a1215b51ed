//! The images: those that ship with Gradus, or a folder of IDX files.

use std::sync::Arc;

use gradus::data::{Dataset, Digits, LabelledImages, Mnist, Subset};

use crate::options::Options;

/// Images and labels, or a part of them.
pub type Images = Subset<Arc<LabelledImages>>;

/// What the program trains and tests on.
pub struct Data {
    /// What training sees.
    pub train: Images,
    /// What it never sees.
    pub test: Images,
    /// Where they come from, in a sentence.
    pub origin: String,
}

/// Reads the images.
///
/// # Errors
/// If a file of `--data` is missing or is not what it should be.
pub fn load(options: &Options) -> gradus::Result<Data> {
    let Some(folder) = &options.data else {
        let digits = Digits::load()?.images().clone();
        let (train, test) = digits.split(0.8, SPLIT)?;
        let origin = format!(
            "{} digits of 8×8 pixels that ship with Gradus (UCI, CC BY 4.0), split by seed {SPLIT}",
            train.len() + test.len()
        );
        return Ok(Data { train, test, origin });
    };
    let mnist = Mnist::from_dir(folder)?;
    let whole = |images: LabelledImages| {
        let all: Vec<usize> = (0..images.len()).collect();
        Subset::new(Arc::new(images), all)
    };
    let (train, test) = (whole(mnist.train)?, whole(mnist.test)?);
    let [_, height, width] = train.dataset().image_shape();
    let origin = format!("images of {height}×{width} pixels from {}", folder.display());
    Ok(Data { train, test, origin })
}

/// The seed of the split, which `--seed` does not change: the test part stays the test part.
const SPLIT: u64 = 2024;
