//! A network for handwritten digits, trained for one epoch.
use gradus::prelude::*;

#[derive(Module)]
struct Net {
    conv: Conv2d,
    head: Linear,
}

impl Layer for Net {
    fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let x = self.conv.forward(x, cx)?.relu().max_pool2d(2)?;
        self.head.forward(&x.flatten(1)?, cx)
    }
}

fn main() -> gradus::Result<()> {
    let (mut rng, mut cx) = (Rng::new(1), Context::train(2));
    let (train, _test) = Digits::load()?.split(0.8, 3)?;
    let (conv, head) = (Conv2d::new(1, 16, 3).padding(1), Linear::new(256, 10));
    let mut net = Net { conv: conv.init(&mut rng)?, head: head.init(&mut rng)? };
    let mut adam = Adam::new(1e-3).optimizer();
    for batch in DataLoader::new(train).batch_size(64).shuffle(4).iter() {
        let (images, labels) = batch?;
        let loss = cross_entropy(&net.forward(&images, &mut cx)?, &labels)?;
        adam.step(&mut net, &loss.backward()?)?;
    }
    Ok(())
}
