//! Pictures and their classes, whatever they come in.

use std::path::Path;
use std::sync::Arc;

use gradus::data::vision::{
    Cached, CenterCrop, Cifar, Compose, FolderOptions, Image, ImageFolder, Resize, on_items,
    save_png,
};
use gradus::data::{Dataset, Digits, LabelledImages, Mnist};
use gradus::prelude::Tensor;

use crate::options::Training;

/// Pictures of one size and their classes.
pub type Pictures = Arc<dyn Dataset<Item = (Image, i64)>>;

/// What the program trains and tests on.
pub struct Data {
    /// What training sees.
    pub train: Pictures,
    /// What it never sees.
    pub test: Pictures,
    /// The names of the classes.
    pub names: Vec<String>,
    /// Whether pictures may be mirrored.
    pub flip: bool,
    /// The side of the pictures.
    pub side: usize,
    /// Folders from which pictures are read while training goes on.
    folders: Vec<Arc<ImageFolder>>,
}

/// Reads what `--data` names, or writes the digits as pictures and reads those.
pub fn load(options: &Training) -> gradus::Result<Data> {
    let Some(dir) = &options.data else {
        let dir = options.out.join("digits");
        write_digits(&dir)?;
        println!(
            "Without --data: the digits that ship with Gradus, written as PNG files to {}",
            dir.display()
        );
        return folder(&dir, options, false);
    };
    if !dir.is_dir() {
        let wanted = "wanted a folder of class folders with pictures, or with the files of MNIST, Fashion-MNIST or CIFAR";
        return Err(gradus::Error::other(format!(
            "--data {} is no folder; {wanted}",
            dir.display()
        )));
    }
    let holds = |start: &str| {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(start))
    };
    if holds("train-images") || holds("train-labels") || holds("t10k-") {
        let mnist = Mnist::from_dir(dir)?;
        let fashion = dir.to_string_lossy().contains("fashion");
        let mnist = if fashion { mnist.with_class_names(&Mnist::FASHION)? } else { mnist };
        return in_memory([mnist.train, mnist.test], fashion, options);
    }
    if holds("data_batch_") || holds("fine_label_names") {
        let ten = holds("data_batch_");
        let Cifar { train, test } = if ten { Cifar::cifar10(dir)? } else { Cifar::cifar100(dir)? };
        return in_memory([train, test], true, options);
    }
    folder(dir, options, true)
}

fn in_memory(parts: [LabelledImages; 2], flip: bool, options: &Training) -> gradus::Result<Data> {
    let names = parts[0].class_names().to_vec();
    let [train, test] = parts.map(|part| Arc::new(part.pictures()) as Pictures);
    data(train, test, names, flip, Vec::new(), options)
}

/// Class folders: those of `train` and `test`, or a fifth of all to test.
fn folder(dir: &Path, options: &Training, flip: bool) -> gradus::Result<Data> {
    let open = FolderOptions::new().skip_bad(options.skip_bad);
    let [train, test] = ["train", "test"].map(|part| dir.join(part));
    if train.is_dir() && test.is_dir() {
        let train = Arc::new(open.clone().open(train)?);
        let names = train.classes().to_vec();
        let test = Arc::new(open.classes(&names).open(test)?);
        let folders = vec![train.clone(), test.clone()];
        return data(train, test, names, flip, folders, options);
    }
    let all = Arc::new(open.open(dir)?);
    let names = all.classes().to_vec();
    let (train, test) = all.clone().split(0.8, 2024)?; // the same test part for every --seed
    data(Arc::new(train), Arc::new(test), names, flip, vec![all], options)
}

fn data(
    train: Pictures,
    test: Pictures,
    names: Vec<String>,
    flip: bool,
    folders: Vec<Arc<ImageFolder>>,
    options: &Training,
) -> gradus::Result<Data> {
    let first = train.get(0)?.0.size();
    let own = first.height.min(first.width).clamp(16, 64);
    let side = options.side.unwrap_or(if options.weights.is_some() { 224 } else { own });
    // Decoded and brought to size once, then kept, up to a gigabyte for each part.
    let kept = |part: Pictures| -> Pictures {
        Arc::new(Cached::new(part.map(0, on_items(to_size(side))), 1 << 30))
    };
    let (train, test, flip) = (kept(train), kept(test), options.flip.unwrap_or(flip));
    Ok(Data { train, test, names, flip, side, folders })
}

/// The middle square of a picture, with this side.
pub fn to_size(side: usize) -> Compose {
    Compose::new().then(Resize::new(side)).then(CenterCrop::new([side, side]))
}

impl Data {
    /// The mean and the deviation of each channel, `[C, 1, 1]`, of up to 2,000 pictures to train with.
    pub fn stats(&self) -> gradus::Result<[Tensor; 2]> {
        let step = self.train.len().div_ceil(2000).max(1);
        let tensor = |i: usize| Ok(self.train.get(i)?.0.to_tensor());
        let pictures =
            (0..self.train.len()).step_by(step).map(tensor).collect::<gradus::Result<Vec<_>>>()?;
        let all = Tensor::stack(&pictures.iter().collect::<Vec<_>>(), 0)?;
        let (mean, variance) = all.mean_var(&[0, 2, 3], true)?;
        let shape = [mean.len(), 1, 1];
        // A channel that is the same everywhere has no deviation to divide by.
        Ok([mean.reshape(shape)?, variance.map(|v: f32| v.sqrt().max(0.01)).reshape(shape)?])
    }

    /// Says which files were left out, and why.
    pub fn print_skipped(&self) {
        let skipped: Vec<_> = self.folders.iter().flat_map(|folder| folder.skipped()).collect();
        if let Some((_, why)) = skipped.first() {
            println!("Left out {} files that cannot be read; the first: {why}", skipped.len());
        }
    }
}

/// The digits as a folder of class folders.
fn write_digits(dir: &Path) -> gradus::Result<()> {
    let digits = Digits::load()?.images().clone().pictures();
    for i in 0..digits.len() {
        let (image, label) = digits.get(i)?;
        let class = dir.join(label.to_string());
        std::fs::create_dir_all(&class)?;
        save_png(class.join(format!("{i:04}.png")), &image)?;
    }
    Ok(())
}
