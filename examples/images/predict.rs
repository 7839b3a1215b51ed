//! What is on a picture, and what in it counted.

use std::path::{Path, PathBuf};

use gradus::data::vision::{Augment, ImageReader};
use gradus::prelude::*;
use gradus::train::explain::{grad_cam, magnitude, saliency};
use gradus::train::plots::{ImageGrid, Plot};
use gradus::train::{Config, RunFolder, Value};

use crate::data::to_size;
use crate::net::Net;

/// A network that was trained, and what it knows of its pictures.
struct Trained {
    net: Net,
    names: Vec<String>,
    side: usize,
}

/// Prints the likeliest classes of each file, and writes `NAME.why.png` beside it, or into `out`; `NAME.why2.png` where there is
/// one already, since that may be somebody's picture. A file that cannot be read does not keep the others from being.
pub fn run(run: &Path, out: Option<&Path>, files: &[PathBuf]) -> gradus::Result<()> {
    let trained = Trained::load(run)?;
    if let Some(out) = out {
        RunFolder::create(out)?;
    }
    let mut failed = 0;
    for file in files {
        if let Err(e) = trained.predict(file, out) {
            eprintln!("images: {e}");
            failed += 1;
        }
    }
    match failed {
        0 => Ok(()),
        n => Err(gradus::Error::other(format!("{n} of {} files have no prediction", files.len()))),
    }
}

impl Trained {
    fn load(run: &Path) -> gradus::Result<Self> {
        let missing = |what: &Path| {
            gradus::Error::other(format!(
                "{} is not there: train first, or name the folder of a run with --run",
                what.display()
            ))
        };
        let [last, classes, config] =
            ["last.ckpt", "classes.txt", "config.toml"].map(|name| run.join(name));
        for file in [&last, &classes, &config] {
            if !file.is_file() {
                return Err(missing(file));
            }
        }
        let net = Net::of(Checkpoint::<f32>::load(last)?.model, None, &mut Rng::new(0))?;
        let names: Vec<String> =
            std::fs::read_to_string(classes)?.lines().map(Into::into).collect();
        let side = match Config::read(config)?.get("side") {
            Some(Value::Integer(side @ 1..=4096)) => *side as usize,
            other => {
                let text = format!(
                    "config.toml of {} has the side {other:?}, wanted 1 to 4096",
                    run.display()
                );
                return Err(gradus::Error::other(text));
            }
        };
        Ok(Self { net, names, side })
    }

    fn predict(&self, file: &Path, out: Option<&Path>) -> gradus::Result<()> {
        let picture = ImageReader::new().channels(self.net.channels()).open(file)?;
        let picture = to_size(self.side).apply((picture, ()), &mut Rng::new(0))?.0;
        let x = picture.to_tensor().unsqueeze(0)?;
        let mut cx = Context::eval();
        let scores = no_grad(|| self.net.forward(&Var::from(&x), &mut cx))?.into_value();
        let (shares, order) = scores.softmax(1)?.sort(1, true)?;
        println!("{}", file.display());
        let name = |class: i64| self.names.get(class as usize).map_or("?", String::as_str);
        let ranked: Vec<_> = order.to_vec().into_iter().zip(shares.to_vec()).take(5).collect();
        for (class, share) in &ranked {
            println!("  {:6.2} %  {}", 100.0 * share, name(*class));
        }

        let class = Tensor::vector([ranked[0].0]);
        let cam = grad_cam(&x, &class, |x| {
            let maps = self.net.maps(x, &mut cx)?;
            let scores = self.net.scores(&maps, &mut cx)?;
            Ok((maps, scores))
        })?;
        let slope = saliency(&x, &class, |x| Ok(self.net.forward(x, &mut Context::eval())?))?;
        let slope = magnitude(&slope)?;
        let line = format!("{} {:.0} %", name(ranked[0].0), 100.0 * ranked[0].1);
        let maps = [("Grad-CAM", &cam), ("saliency", &slope)];
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let dir = out.or(file.parent()).unwrap_or(Path::new(""));
        let ends = std::iter::once(String::new()).chain((2..u32::MAX).map(|i| i.to_string()));
        let mut places = ends.map(|end| dir.join(format!("{stem}.why{end}.png")));
        // A link that leads nowhere is there, too.
        let free = places.find(|place| place.symlink_metadata().is_err());
        let to = free.ok_or_else(|| gradus::Error::other("no name is free for what counted"))?;
        ImageGrid::heat_maps(&x, &maps, &[line])?.save(&to)?;
        println!("  what counted: {}", to.display());
        Ok(())
    }
}
