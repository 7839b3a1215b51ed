//! Items of several parts, which change alike, and whole data sets of them.

use gradus_data::vision::{
    Augment, Boxes, CenterCrop, Compose, Edge, Filter, Image, Mask, Pad, RandAugment, RandomAffine,
    RandomApply, RandomCrop, RandomHorizontalFlip, RandomPerspective, RandomResizedCrop,
    RandomRotation, RandomVerticalFlip, Resize, on_items,
};
use gradus_data::{DataLoader, Dataset, Result};
use gradus_tensor::Rng;

use crate::{message, noisy};

/// Everything that moves pixels.
fn all_that_move() -> Compose {
    Compose::new()
        .then(RandomAffine::new([-90.0, 90.0]).unwrap().translate([0.2, 0.2]).unwrap())
        .then(RandomRotation::new([0.0, 360.0]).unwrap().expand(true))
        .then(RandomPerspective::new(0.5, 0.7).unwrap().filter(Filter::Nearest))
        .then(Pad::all(2, Edge::Constant(0)))
        .then(RandomHorizontalFlip::new(0.5).unwrap())
        .then(RandomVerticalFlip::new(0.5).unwrap())
        .then(CenterCrop::new([24, 24]))
        .then(RandomCrop::new([22, 20]).padding(1))
        .then(RandAugment::new())
        .then(Resize::new(16).filter(Filter::Nearest))
        .then(RandomResizedCrop::new([12, 12]).filter(Filter::Nearest))
}

#[test]
fn a_mask_moves_with_its_picture() {
    // The same pattern in both: 0 and 255, which colours of the policy leave together or exchange.
    let pattern = |y: usize, x: usize| if (y / 5 + x / 4).is_multiple_of(2) { 0 } else { 255_u8 };
    let pixels: Vec<u8> = (0..20).flat_map(|y| (0..30).map(move |x| pattern(y, x))).collect();
    let picture = Image::new([20, 30], 1, pixels).unwrap();
    let mask = Mask::new(picture.clone()).unwrap();
    let geometry = Compose::new()
        .then(RandomAffine::new([-90.0, 90.0]).unwrap().translate([0.2, 0.2]).unwrap())
        .then(RandomRotation::new([0.0, 360.0]).unwrap().expand(true))
        .then(RandomHorizontalFlip::new(0.5).unwrap())
        .then(RandomVerticalFlip::new(0.5).unwrap())
        .then(Pad::all(2, Edge::Reflect))
        .then(RandomCrop::new([16, 16]));
    for seed in 0..50 {
        let item = (picture.clone(), mask.clone(), 3_i64);
        let (image, mask, label) = geometry.apply(item, &mut Rng::new(seed)).unwrap();
        assert_eq!((image.pixels(), label), (mask.classes(), 3));
    }
}

#[test]
fn boxes_move_with_their_picture() {
    // A white rectangle on black, and the box around it.
    let (top, left, bottom, right) = (4, 9, 13, 21);
    let inside = |y: usize, x: usize| (top..bottom).contains(&y) && (left..right).contains(&x);
    let pixels: Vec<u8> =
        (0..20).flat_map(|y| (0..30).map(move |x| 255 * u8::from(inside(y, x)))).collect();
    let picture = Image::new([20, 30], 1, pixels).unwrap();
    let corners = [left, top, right, bottom].map(|x| x as f32);
    let boxes = Boxes::new([20, 30], vec![corners], vec![1]).unwrap();
    let geometry = Compose::new()
        .then(RandomHorizontalFlip::new(0.5).unwrap())
        .then(RandomVerticalFlip::new(0.5).unwrap())
        .then(Resize::new(40).filter(Filter::Nearest))
        .then(RandomCrop::new([40, 50]).padding(3))
        .then(RandomApply::new(Pad::new(1, 2, 3, 4, Edge::Constant(0)), 0.5).unwrap())
        .then(RandomAffine::new([0.0, 0.0]).unwrap().translate([0.2, 0.2]).unwrap());
    for seed in 0..100 {
        let item = (picture.clone(), boxes.clone());
        let (image, boxes) = geometry.apply(item, &mut Rng::new(seed)).unwrap();
        assert_eq!(image.size(), boxes.size());
        let white: Vec<_> = (0..image.height())
            .flat_map(|y| (0..image.width()).map(move |x| (y, x)))
            .filter(|&(y, x)| image.pixel(y, x).unwrap()[0] == 255)
            .collect();
        let least = |f: fn(&(usize, usize)) -> usize| white.iter().map(f).min().unwrap() as f32;
        let most = |f: fn(&(usize, usize)) -> usize| white.iter().map(f).max().unwrap() as f32;
        let found = [least(|p| p.1), least(|p| p.0), most(|p| p.1) + 1.0, most(|p| p.0) + 1.0];
        assert_eq!(boxes.corners(), [found], "seed {seed}");
    }
}

#[test]
fn boxes_and_masks_that_cannot_be() {
    let make = |b: [f32; 4], labels| Boxes::new([5, 5], vec![b], labels);
    assert!(message(make([0.0; 4], vec![])).contains("1 boxes and 0 labels"));
    assert!(message(make([2.0, 0.0, 1.0, 1.0], vec![0])).contains("box 0: [2.0, 0.0, 1.0, 1.0]"));
    assert!(make([0.0, f32::NAN, 1.0, 1.0], vec![0]).is_err());
    let all = vec![[0.0, 0.0, 0.5, 4.0], [1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 4.0, 0.0]];
    let left = Boxes::new([5, 5], all, vec![7, 8, 9]).unwrap().sanitize(1.0);
    assert_eq!((left.corners(), left.labels()), (&[[1.0, 1.0, 3.0, 3.0]][..], &[8][..]));
    assert!(message(Mask::new(noisy(2, 2, 3, 1))).contains("3 channels"));
    // Parts of one item must agree.
    let item = (noisy(4, 4, 3, 1), Mask::new(noisy(4, 5, 1, 1)).unwrap());
    let text = message(CenterCrop::new([2, 2]).apply(item, &mut Rng::new(0)));
    assert!(text.contains("parts of 4 rows x 4 columns and of 4 rows x 5 columns"), "{text}");
    assert!(message(CenterCrop::new([2, 2]).apply(7_i64, &mut Rng::new(0))).contains("without a"));
}

struct Noise;

impl Dataset for Noise {
    type Item = (Image, i64);
    fn len(&self) -> usize {
        12
    }
    fn get(&self, index: usize) -> Result<(Image, i64)> {
        Ok((noisy(20, 30, 3, index as u32), index as i64))
    }
}

#[test]
fn an_item_looks_the_same_in_an_epoch() {
    let train = Noise.map(5, on_items(all_that_move()));
    let once: Vec<_> = (0..12).map(|i| train.get_in_epoch(i, 1).unwrap()).collect();
    for i in (0..12).rev() {
        assert_eq!(train.get_in_epoch(i, 1).unwrap(), once[i]);
        assert_ne!(train.get_in_epoch(i, 2).unwrap().0, once[i].0);
    }
}

#[test]
fn batches_of_pictures_masks_and_boxes() {
    let item = |i: usize| {
        let mask = Mask::new(Image::filled([20, 30], &[i as u8]).unwrap()).unwrap();
        let corners = vec![[1.0, 2.0, 3.0, 4.0]; i];
        let boxes = Boxes::new([20, 30], corners, vec![7; i]).unwrap();
        (noisy(20, 30, 3, i as u32), mask, boxes)
    };
    struct Items<F>(F);
    impl<F: Fn(usize) -> (Image, Mask, Boxes) + Send + Sync> Dataset for Items<F> {
        type Item = (Image, Mask, Boxes);
        fn len(&self) -> usize {
            3
        }
        fn get(&self, index: usize) -> Result<Self::Item> {
            Ok((self.0)(index))
        }
    }
    let train = Items(item).map(2, on_items(CenterCrop::new([10, 12])));
    let loader = DataLoader::new(train).batch_size(3).workers(1);
    let (images, masks, boxes) = loader.iter().next().unwrap().unwrap();
    assert_eq!((images.shape(), masks.shape()), (&[3, 3, 10, 12][..], &[3, 10, 12][..]));
    assert_eq!(masks.get([2, 9, 11]).unwrap(), 2);
    assert_eq!(boxes.iter().map(|b| b.labels().len()).collect::<Vec<_>>(), [0, 1, 2]);
}

/// A run is resumed on the same pictures, masks and boxes alone.
#[test]
fn other_parts_have_another_digest() {
    let about = |pixel: u8, class: u8, corner: f32, label: i64| {
        let mut picture = noisy(4, 5, 3, 1);
        picture.pixels_mut()[7] = pixel;
        let mask = Mask::new(Image::filled([4, 5], &[class]).unwrap()).unwrap();
        let boxes = Boxes::new([4, 5], vec![[corner, 1.0, 3.0, 3.0]], vec![label]).unwrap();
        DataLoader::new(Items([(picture, mask, boxes)])).about()
    };
    let one = about(1, 2, 0.5, 3);
    assert!(one.contains("digest"), "{one}");
    assert_eq!(one, about(1, 2, 0.5, 3));
    let others =
        [about(2, 2, 0.5, 3), about(1, 3, 0.5, 3), about(1, 2, 0.25, 3), about(1, 2, 0.5, 4)];
    for (i, other) in others.iter().enumerate() {
        assert!(*other != one && !others[..i].contains(other), "{i}: {other}");
    }

    struct Items([(Image, Mask, Boxes); 1]);
    impl Dataset for Items {
        type Item = (Image, Mask, Boxes);
        fn len(&self) -> usize {
            1
        }
        fn get(&self, index: usize) -> Result<Self::Item> {
            Ok(self.0[index].clone())
        }
    }
}
