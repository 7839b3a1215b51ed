//! Layers, modules, a loop by hand.
//!
//! A network is a struct of layers. `#[derive(Module)]` finds its parameters, `Layer` says what it
//! computes:
//!
//! ```
//! use gradus::prelude::*;
//!
//! #[derive(Module)]
//! struct Net {
//!     hidden: Linear,
//!     dropout: Dropout,
//!     head: Linear,
//! }
//!
//! impl Layer for Net {
//!     fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
//!         let x = self.hidden.forward(x, cx)?.relu();
//!         self.head.forward(&self.dropout.forward(&x, cx)?, cx)
//!     }
//! }
//!
//! let mut rng = Rng::new(0);
//! let mut net = Net {
//!     hidden: Linear::new(64, 32).init(&mut rng)?,
//!     dropout: Dropout::new(0.2),
//!     head: Linear::new(32, 10).init(&mut rng)?,
//! };
//! assert_eq!(net.paths(), ["hidden.weight", "hidden.bias", "head.weight", "head.bias"]);
//!
//! // The loop, by hand. Everything that changes is visible: the context, the optimizer, the net.
//! let (train, test) = Digits::load()?.split(0.8, 1)?;
//! let loader = DataLoader::new(train).batch_size(64).shuffle(1);
//! let mut adam = Adam::new(5e-3).optimizer();
//! let mut cx = Context::train(2);
//! for _epoch in 0..5 {
//!     for batch in loader.iter() {
//!         let (images, labels) = batch?;
//!         let scores = net.forward(&images.flatten(1)?, &mut cx)?;
//!         let loss = cross_entropy(&scores, &labels)?;
//!         adam.step(&mut net, &loss.backward()?)?;
//!     }
//! }
//!
//! // How good is it on images that it never saw?
//! let (mut right, mut all) = (0, 0);
//! for batch in DataLoader::new(test).batch_size(256).iter() {
//!     let (images, labels) = batch?;
//!     let scores = no_grad(|| net.forward(&images.flatten(1)?, &mut Context::eval()))?;
//!     right += scores.value().argmax(1)?.equal(&labels)?.count();
//!     all += labels.len();
//! }
//! assert!(right as f64 / all as f64 > 0.85);
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! Layers with one input and one output also go into a
//! [`Sequential`](crate::nn::Sequential). [`Summary`](crate::nn::Summary) prints a table of layers,
//! shapes, parameters and costs. Two parts with the same weights keep one parameter and show it under both paths: it
//! is then counted, changed and saved once; see [`ModuleExt`](crate::nn::ModuleExt).
