//! Pictures a second, on one thread: `cargo bench -p gradus-data --bench vision -- FILE.jpg`, and beside
//! it `python benches/vision.py FILE.jpg` for Pillow and torchvision.
//!
//! Measured with china.jpg of scikit-learn (640 x 427), pinned to one core of an AMD EPYC on which others
//! worked too; the better of two runs of each, a second:
//!
//! | | here | Pillow 13 | torch 2.15 |
//! |---|---|---|---|
//! | decode | 373 | 612 | |
//! | resize to 256, bilinear | 2132 | 847 | 2161 |
//! | resize to 256, bicubic | 2376 | 515 | 1582 |
//! | rotate 224, bilinear | 1945 | 1244 | 1699 |
//! | rotate 224, nearest | 7318 | 18116 | 2220 |
//! | brightness | 11800 | 10186 | 13812 |
//! | saturation | 5651 | 6894 | 8660 |
//! | hue | 937 | 843 | 621 |
//! | sharpness | 7617 | 1921 | 2084 |
//! | equalize | 10797 | 6723 | 3055 |
//! | blur, 5 pixels | 4476 | 301 | 339 |
//! | RandAugment | 4236 | 3646 | 1480 |
//! | file, random resized crop, flip, normalized tensor | 416 | 320 | |

use std::hint::black_box;
use std::time::{Duration, Instant};

use gradus_data::Result;
use gradus_data::transforms::Normalize;
use gradus_data::vision::{
    Adjust, Affine, Augment, Blur, Compose, Filter, Image, ImageReader, RandAugment,
    RandomHorizontalFlip, RandomResizedCrop, Resize, read_image, to_tensors,
};
use gradus_tensor::Rng;

/// The best of five rounds of at least 0.3 s.
fn rate(name: &str, mut work: impl FnMut() -> Result<()>) -> Result<()> {
    let mut best: f64 = 0.0;
    for _ in 0..5 {
        let (start, mut n) = (Instant::now(), 0);
        while start.elapsed() < Duration::from_millis(300) {
            work()?;
            n += 1;
        }
        best = best.max(f64::from(n) / start.elapsed().as_secs_f64());
    }
    println!("{name:28} {best:9.1} a second");
    Ok(())
}

fn main() -> Result<()> {
    let args = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let Some(path) = args else {
        println!("skipped: name a JPEG file");
        return Ok(());
    };
    let file = std::fs::read(&path).map_err(gradus_data::Error::other)?;
    let reader = ImageReader::new().channels(3);
    let image = reader.read(&file, &path)?;
    println!("{path}: {}", image.size());
    let mut rng = Rng::new(1);

    rate("decode", || read_image(&file, &path).map(|i| drop(black_box(i))))?;
    let mut change = |name, image: &Image, augment: &dyn Fn(Image, &mut Rng) -> Result<Image>| {
        rate(name, || augment(image.clone(), &mut rng).map(|i| drop(black_box(i))))
    };
    let small = image.clone().resize([224, 224], Filter::Bilinear)?;
    change("resize 256, bilinear", &image, &|i, rng| Resize::new(256).apply(i, rng))?;
    let bicubic = Resize::new(256).filter(Filter::Bicubic);
    change("resize 256, bicubic", &image, &|i, rng| bicubic.apply(i, rng))?;
    let turn = Affine { angle: 10.0, filter: Filter::Bilinear, ..Affine::default() };
    change("224: rotate, bilinear", &small, &|i, rng| turn.apply(i, rng))?;
    let turn = Affine { angle: 10.0, ..Affine::default() };
    change("224: rotate, nearest", &small, &|i, rng| turn.apply(i, rng))?;
    change("224: brightness", &small, &|i, rng| Adjust::Brightness(1.2).apply(i, rng))?;
    change("224: saturation", &small, &|i, rng| Adjust::Saturation(1.2).apply(i, rng))?;
    change("224: hue", &small, &|i, rng| Adjust::Hue(0.1).apply(i, rng))?;
    change("224: sharpness", &small, &|i, rng| Adjust::Sharpness(1.2).apply(i, rng))?;
    change("224: equalize", &small, &|i, rng| Adjust::Equalize.apply(i, rng))?;
    let blur = Blur::new(5, 1.0)?;
    change("224: blur 5", &small, &|i, rng| blur.apply(i, rng))?;
    change("224: RandAugment", &small, &|i, rng| RandAugment::new().apply(i, rng))?;

    let augment = Compose::new()
        .then(RandomResizedCrop::new([224, 224]))
        .then(RandomHorizontalFlip::new(0.5)?);
    let normalize = Normalize::new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])?;
    let prepare = to_tensors(augment, normalize);
    rate("file to training tensor", || {
        let image = reader.read(&file, &path)?;
        prepare((image, 0_i64), &mut rng).map(|x| drop(black_box(x)))
    })
}
