//! Transforms of images.

use std::collections::BTreeSet;

use gradus_data::transforms::{
    Compose, Normalize, RandomCrop, RandomHorizontalFlip, RandomShift, Transform,
};
use gradus_tensor::{Rng, Tensor};

use crate::message;

fn image(channels: usize, height: usize, width: usize) -> Tensor {
    // From 1, so that a zero can only come from padding.
    Tensor::arange(channels * height * width)
        .map(|x: f32| x + 1.0)
        .reshape([channels, height, width])
        .unwrap()
}

#[test]
fn normalize_works_on_each_channel() {
    let x = image(2, 1, 2);
    let y = Normalize::new([1.0, 2.0], [1.0, 0.5]).unwrap().apply(&x, &mut Rng::new(0)).unwrap();
    assert_eq!(y.to_vec(), [0.0, 1.0, 2.0, 4.0]);
    assert_eq!(x.to_vec(), [1.0, 2.0, 3.0, 4.0], "the original is not touched");
}

#[test]
fn normalize_errors() {
    let make = |mean: &[f32], std: &[f32]| Normalize::new(mean, std);
    assert!(message(make(&[0.0], &[0.0])).contains("standard deviation 0 of channel 0"));
    assert!(message(make(&[f32::NAN], &[1.0])).contains("mean NaN"));
    assert!(message(make(&[0.0, 0.0], &[1.0])).contains("2 means and 1 standard deviations"));
    assert!(message(make(&[], &[])).contains("0 means"));
    let one = make(&[0.0], &[1.0]).unwrap();
    assert_eq!(
        message(one.apply(&image(3, 2, 2), &mut Rng::new(0))),
        "Normalize: got shape [3, 2, 2], wanted 1 channels, one a mean"
    );
    let flat = Tensor::zeros([4]);
    assert_eq!(
        message(one.apply(&flat, &mut Rng::new(0))),
        "Normalize: got shape [4], wanted an image [C, H, W]"
    );
}

#[test]
fn shifts_reach_every_place_and_move_whole_pixels() {
    let (x, shift) = (image(2, 4, 5), RandomShift::new(2));
    let original = x.to_vec();
    let mut rng = Rng::new(7);
    let mut seen = BTreeSet::new();
    for _ in 0..2000 {
        let y = shift.apply(&x, &mut rng).unwrap();
        assert_eq!(y.shape(), x.shape());
        let fits = |down: isize, right: isize| {
            (0..2).all(|c| {
                (0..4).all(|i| {
                    (0..5).all(|j| {
                        let (si, sj) = (i - down, j - right);
                        let inside = (0..4).contains(&si) && (0..5).contains(&sj);
                        let wanted =
                            if inside { original[(c * 20 + si * 5 + sj) as usize] } else { 0.0 };
                        y.get([c as usize, i as usize, j as usize]).unwrap() == wanted
                    })
                })
            })
        };
        let place = (-2..=2).flat_map(|d| (-2..=2).map(move |r| (d, r))).find(|&(d, r)| fits(d, r));
        seen.insert(place.expect("the image is a shifted one"));
    }
    assert_eq!(seen.len(), 25);
}

#[test]
fn shifts_beyond_the_image_leave_nothing_or_something() {
    let x = image(1, 2, 2);
    let mut rng = Rng::new(1);
    for _ in 0..200 {
        let y = RandomShift::new(50).apply(&x, &mut rng).unwrap();
        assert!(y.to_vec().iter().all(|v| (0.0..=4.0).contains(v)));
    }
}

#[test]
fn crops_are_windows() {
    let x = image(1, 3, 3);
    let mut rng = Rng::new(2);
    let mut corners = BTreeSet::new();
    for _ in 0..500 {
        let y = RandomCrop::new(2, 2).apply(&x, &mut rng).unwrap().to_vec();
        assert_eq!([y[1] - y[0], y[2] - y[0], y[3] - y[0]], [1.0, 3.0, 4.0]);
        corners.insert(y[0] as i64);
    }
    assert_eq!(corners.into_iter().collect::<Vec<_>>(), [1, 2, 4, 5]);
    let whole = RandomCrop::new(3, 3).apply(&x, &mut rng).unwrap();
    assert_eq!(whole, x);
    let turned = x.transpose(1, 2).unwrap();
    assert_eq!(RandomCrop::new(3, 3).apply(&turned, &mut rng).unwrap(), turned);
}

#[test]
fn crop_errors() {
    let crop = |crop: RandomCrop| crop.apply(&image(1, 3, 3), &mut Rng::new(0));
    assert_eq!(
        message(crop(RandomCrop::new(6, 2).padding(1))),
        "RandomCrop: got shape [1, 3, 3], wanted at least 6x2 with 1 zeros on each side"
    );
    assert!(crop(RandomCrop::new(5, 5).padding(1)).is_ok());
    assert!(crop(RandomCrop::new(1, 1).padding(usize::MAX)).is_err());
    let huge = 1 << 60;
    assert!(crop(RandomCrop::new(huge, huge).padding(huge)).is_err());
    assert_eq!(crop(RandomCrop::new(0, 2)).unwrap().shape(), [1, 0, 2]);
}

#[test]
fn flips_happen_with_their_probability() {
    let x = image(1, 2, 2);
    let mirrored = [2.0, 1.0, 4.0, 3.0];
    let mut rng = Rng::new(3);
    let share = |p: f64, rng: &mut Rng| {
        let flip = RandomHorizontalFlip::new(p).unwrap();
        let flipped = (0..4000).filter(|_| {
            let y = flip.apply(&x, rng).unwrap().to_vec();
            assert!(y == mirrored || y == x.to_vec());
            y == mirrored
        });
        flipped.count() as f64 / 4000.0
    };
    assert_eq!(share(0.0, &mut rng), 0.0);
    assert_eq!(share(1.0, &mut rng), 1.0);
    assert!((share(0.25, &mut rng) - 0.25).abs() < 0.035);
    assert_eq!(
        message(RandomHorizontalFlip::new(1.5)),
        "RandomHorizontalFlip::new: got probability 1.5, wanted a number from 0 to 1"
    );
    assert!(RandomHorizontalFlip::new(f64::NAN).is_err());
}

#[test]
fn compose_runs_in_order() {
    let twice = Normalize::new([1.0], [1.0]).unwrap();
    let both = Compose::new().then(Normalize::new([0.0], [0.5]).unwrap()).then(twice);
    let y = both.apply(&image(1, 1, 2), &mut Rng::new(0)).unwrap();
    assert_eq!(y.to_vec(), [1.0, 3.0]);
    let none = Compose::new().apply(&image(1, 1, 2), &mut Rng::new(0)).unwrap();
    assert_eq!(none.to_vec(), [1.0, 2.0]);
    assert_eq!(format!("{both:?}"), "Compose(2 transforms)");
}
