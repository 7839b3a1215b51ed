//! The trainer, checkpoints, resume.
//!
//! [`Trainer`](crate::train::Trainer) is the loop of the chapter before with validation, history,
//! progress and checkpoints:
//!
//! ```
//! use gradus::prelude::*;
//! use gradus::train::RunFolder;
//!
//! # let place = std::env::temp_dir().join(format!("gradus-guide-{}", std::process::id()));
//! # let place = place.as_path();
//! let (train, test) = Digits::load()?.split(0.8, 1)?;
//! let train = DataLoader::new(train).batch_size(64).shuffle(2);
//! let test = DataLoader::new(test).batch_size(256);
//! let make = || -> gradus::Result<_> {
//!     let net = Sequential::new()
//!         .push(Flatten)
//!         .push(Linear::new(64, 10).init(&mut Rng::new(3))?);
//!     Ok(Trainer::new(net, Adam::new(1e-2).optimizer(), 4).epochs(2))
//! };
//! let step = |net: &Sequential, (images, labels): &(Var, Tensor<i64>), cx: &mut Context| {
//!     Step::classification(&net.forward(images, cx)?, labels)
//! };
//!
//! let folder = RunFolder::create(place.join("run"))?;
//! let mut trainer = make()?.run_folder(folder.clone()).stop_after(30);
//! trainer.fit(&train, Some(&test), step)?;                  // stops in the second epoch
//!
//! // Another process, another day:
//! let mut resumed = make()?.run_folder(folder.clone());
//! resumed.resume(&Checkpoint::load(folder.last_checkpoint())?, &train)?;
//! resumed.fit(&train, Some(&test), step)?;
//! assert_eq!(resumed.position(), (2, 46));
//! # std::fs::remove_dir_all(place).unwrap();
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! The resumed run has the same bits as one that never stopped. A checkpoint is replaced in one step:
//! a kill while it is written leaves the one before.
//!
//! To use weights elsewhere, write them with
//! [`serialize::safetensors`](crate::serialize).
