//! Everything that training needs to go on as if it had never stopped, in one file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use gradus_data::LoaderState;
use gradus_nn::Module;
use gradus_optim::{Optimizer, OptimizerState, Rule};
use gradus_tensor::{Float, RngState, concrete};

use crate::format::{self, Encoded};
use crate::{Error, Result, StateDict, atomic, check, load, state_dict};

/// How messages call a checkpoint that is not on a disk.
const IN_MEMORY: &str = "the checkpoint data";

/// The state of a training run at the end of a step.
///
/// `T` is the type of the optimizer's floats; [`load`](Checkpoint::load) is for `f32`,
/// [`load_as`](Checkpoint::load_as) for any.
///
/// ```
/// use gradus_serialize::{Checkpoint, StateDict};
/// use gradus_tensor::{Rng, Tensor};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("last.ckpt");
/// let model: StateDict = [("fc.bias", Tensor::<f32>::ones([10]))].into_iter().collect();
/// let rng = Rng::new(7);
/// let checkpoint: Checkpoint =
///     Checkpoint { model, rng: Some(rng.state()), step: 100, ..Checkpoint::default() };
/// checkpoint.save(&path)?;
///
/// let again = Checkpoint::load(&path)?;
/// assert_eq!((again.step, again.model), (100, checkpoint.model));
/// assert_eq!(again.rng.map(Rng::from_state), Some(rng));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint<T: Float = f32> {
    /// Parameters and buffers of the model.
    pub model: StateDict,
    /// The state of the update rule.
    pub optimizer: Option<OptimizerState<T>>,
    /// Where the random numbers stand.
    pub rng: Option<RngState>,
    /// Where the loader stands.
    pub loader: Option<LoaderState>,
    /// Epochs that are complete.
    pub epoch: u64,
    /// Optimizer steps that are complete.
    pub step: u64,
    /// Notes of the caller, such as the configuration of the run.
    pub meta: BTreeMap<String, String>,
    /// What a larger run has besides: further optimizers, loaders and weights.
    pub further: Further<T>,
}

/// What not every run has: more than one optimizer, a loader for validation, averages of weights. All by
/// names of the caller's.
#[derive(Debug, Clone, PartialEq)]
pub struct Further<T: Float = f32> {
    /// The states of optimizers.
    pub optimizers: BTreeMap<String, OptimizerState<T>>,
    /// Where loaders stand.
    pub loaders: BTreeMap<String, LoaderState>,
    /// Weights that are not those of the model as it stands: the best ones, or averages.
    pub weights: BTreeMap<String, StateDict>,
    /// Anything else.
    pub bytes: BTreeMap<String, Vec<u8>>,
}

impl<T: Float> Further<T> {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        let Self { optimizers, loaders, weights, bytes } = self;
        optimizers.is_empty() && loaders.is_empty() && weights.is_empty() && bytes.is_empty()
    }
}

/// Nothing.
impl<T: Float> Default for Further<T> {
    fn default() -> Self {
        Self {
            optimizers: BTreeMap::new(),
            loaders: BTreeMap::new(),
            weights: BTreeMap::new(),
            bytes: BTreeMap::new(),
        }
    }
}

/// Nothing, at step 0.
impl<T: Float> Default for Checkpoint<T> {
    fn default() -> Self {
        Self {
            model: StateDict::new(),
            optimizer: None,
            rng: None,
            loader: None,
            epoch: 0,
            step: 0,
            meta: BTreeMap::new(),
            further: Further::default(),
        }
    }
}

impl Checkpoint {
    /// Reads a checkpoint whose optimizer works in `f32`.
    ///
    /// # Errors
    /// As [`Checkpoint::load_as`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::load_as(path)
    }

    /// Reads the bytes of a checkpoint whose optimizer works in `f32`.
    ///
    /// # Errors
    /// As [`Checkpoint::load_as`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_bytes_as(bytes)
    }
}

impl<T: Float> Checkpoint<T> {
    /// The state of a model and its optimizer. The caller adds what else the run needs.
    ///
    /// ```
    /// use gradus_nn::Linear;
    /// use gradus_optim::Adam;
    /// use gradus_serialize::Checkpoint;
    /// use gradus_tensor::Rng;
    ///
    /// let mut rng = Rng::new(0);
    /// let mut net: Linear = Linear::new(3, 2).init(&mut rng)?;
    /// let mut adam = Adam::new(1e-3).optimizer();
    /// let now = Checkpoint { step: 100, ..Checkpoint::capture(&net, &adam)? };
    /// // … more training, and then back to where it was:
    /// now.restore(&mut net, &mut adam)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DuplicateName`] if two fields of the model have the same path.
    pub fn capture<M: Module<T> + ?Sized, R: Rule<T>>(
        model: &M,
        optimizer: &Optimizer<R, T>,
    ) -> Result<Self> {
        let model = state_dict(model)?;
        Ok(Self { model, optimizer: Some(optimizer.state()), ..Self::default() })
    }

    /// Puts a model and its optimizer back to where they were. If either does not fit, both stay
    /// as they are.
    ///
    /// # Errors
    /// [`Error::OtherModel`] with every difference; [`Error::NoOptimizer`] if the checkpoint holds
    /// no optimizer state; [`Error::Optim`] if that is of another rule.
    pub fn restore<M: Module<T> + ?Sized, R: Rule<T>>(
        &self,
        model: &mut M,
        optimizer: &mut Optimizer<R, T>,
    ) -> Result<()> {
        let state = self.optimizer.clone().ok_or(Error::NoOptimizer)?;
        check(model, &self.model).strict()?;
        optimizer.load_state(state)?;
        load(model, &self.model).map(drop)
    }

    /// Writes the checkpoint. A kill at any instant leaves the old file or the new one whole, and
    /// once this returns the new one is on the disk; see [`atomic`].
    ///
    /// # Errors
    /// [`Error::Io`] with the path and the reason. The old file is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let encoded = encoded(self)?;
        atomic::write(path, |file| encoded.write_to(file))
    }

    /// The bytes that [`save`](Checkpoint::save) writes.
    ///
    /// # Errors
    /// [`Error::Encode`] if the structure cannot be encoded.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let encoded = encoded(self)?;
        let mut bytes = Vec::new();
        encoded.write_to(&mut bytes).map_err(|e| Error::Encode { reason: e.to_string() })?;
        Ok(bytes)
    }

    /// Reads a checkpoint, and checks every byte of it.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::NotCheckpoint`], [`Error::Truncated`] or
    /// [`Error::Corrupted`] if it is not what was written; [`Error::NewerVersion`] if this crate is
    /// too old for it; [`Error::OptimizerDtype`] if its optimizer has floats of another type.
    pub fn load_as(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let failed = Error::io("read", path);
        let file = File::open(path).map_err(&failed)?;
        let about = file.metadata().map_err(&failed)?;
        if about.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")));
        }
        let name = path.display().to_string();
        read(&mut BufReader::new(file), about.len(), &name)
    }

    /// Reads the bytes of a checkpoint.
    ///
    /// # Errors
    /// As [`Checkpoint::load_as`].
    pub fn from_bytes_as(bytes: &[u8]) -> Result<Self> {
        read(&mut &*bytes, bytes.len() as u64, IN_MEMORY)
    }
}

/// [`Encoded::new`], compiled once.
fn encoded<T: Float>(checkpoint: &Checkpoint<T>) -> Result<Encoded> {
    fn new<T: Float>(checkpoint: &Checkpoint<T>) -> Result<Encoded> {
        Encoded::new(checkpoint)
    }
    concrete!(new: fn(&Checkpoint<T>) -> Result<Encoded>)(checkpoint)
}

/// [`format::read`], compiled once.
fn read<T: Float>(from: &mut dyn Read, len: u64, file: &str) -> Result<Checkpoint<T>> {
    use format::read;
    concrete!(read: fn(&mut dyn Read, u64, &str) -> Result<Checkpoint<T>>)(from, len, file)
}
