//! The trainer, metrics, checkpoints, resume.
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
//! a kill while it is written leaves the one before. A program that calls
//! [`resume_if_any`](crate::train::Trainer::resume_if_any) before `fit` goes on where it was killed, or where Ctrl-C
//! stopped it, when it is started by the same command again. A folder that holds another run is refused, and so is a
//! checkpoint under which the run could not go on exactly: of other data, another order, batches, rules, or another model.
//!
//! # What is measured
//!
//! A step gives a loss, the number of its items, and whatever [metrics](crate::train::metrics) found in the
//! batch. The trainer merges them by name over the epoch, in training and in validation apart; columns of the history, the
//! progress line and the curves follow. [`best`](crate::train::Trainer::best) names the metric that `best.ckpt`, early
//! stopping and [`restore_best`](crate::train::Trainer::restore_best) go by, and the metric knows which way is better.
//! A name that no step gives is an error before the first epoch:
//!
//! ```
//! use gradus::prelude::*;
//! use gradus::train::metrics::{Accuracy, Metric};
//!
//! # let (train, test) = Digits::load()?.split(0.8, 1)?;
//! # let train = DataLoader::new(train).batch_size(64).shuffle(2);
//! # let test = DataLoader::new(test).batch_size(256);
//! # let net = Sequential::new().push(Flatten).push(Linear::new(64, 10).init(&mut Rng::new(3))?);
//! let mut trainer = Trainer::new(net, Adam::new(1e-2).optimizer(), 4)
//!     .epochs(20)
//!     .best("accuracy")
//!     .early_stopping(2)
//!     .restore_best();
//! trainer.fit(&train, Some(&test), |net, (images, labels), cx| {
//!     let scores = net.forward(images, cx)?;
//!     let step = Step::new(cross_entropy(&scores, labels)?, labels.len());
//!     Ok(step.with(Accuracy::new().of((&scores, labels))?))
//! })?;
//! assert!(trainer.history.last("validation_accuracy").unwrap() > 0.85);
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! # Other loops
//!
//! * [`accumulate`](crate::train::Trainer::accumulate) takes several batches for a step;
//!   [`clip_norm`](crate::train::Trainer::clip_norm) limits gradients;
//!   [`average`](crate::train::Trainer::average) validates and saves averages of the weights.
//! * [`fit_with`](crate::train::Trainer::fit_with) is for several optimizers and losses: the example `gan` is an adversarial
//!   network in sixty lines.
//! * [`on_step`](crate::train::Trainer::on_step) and [`on_epoch`](crate::train::Trainer::on_epoch) call you back, with the
//!   model, its gradients and all that was measured; you may change the rate, freeze a part, or stop.
//! * [`find_lr`](crate::train::Trainer::find_lr) tries learning rates, and draws what it finds.
//! * A loss or a gradient that is NaN or infinite ends training before it reaches a parameter: the error names the step and
//!   the first gradient at fault.
//!
//! To use weights elsewhere, write them with
//! [`serialize::safetensors`](crate::serialize).
