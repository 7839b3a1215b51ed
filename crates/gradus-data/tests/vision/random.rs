//! Random draws: their ranges, their shares, and that all parts of an item change alike.

use std::collections::BTreeSet;

use gradus_data::Error;
use gradus_data::transforms::Transform;
use gradus_data::vision::{
    Adjust, Affine, Augment, Blur, Boxes, Change, ColorJitter, Compose, Crop, CutMix, Edge,
    GaussianBlur, Image, MixUp, Pad, Perspective, PolicyChange, RandAugment, RandomAffine,
    RandomApply, RandomCrop, RandomErasing, RandomGrayscale, RandomHorizontalFlip,
    RandomPerspective, RandomResizedCrop, RandomRotation, RandomVerticalFlip, Resize, Size,
    TrivialAugmentWide,
};
use gradus_tensor::{Rng, Tensor};

use crate::{message, noisy};

const SIZE: Size = Size { height: 20, width: 30 };

fn draws<A: Augment>(augment: &A, n: usize) -> Vec<A::Change> {
    let mut rng = Rng::new(11);
    (0..n).map(|_| augment.draw(SIZE, &mut rng).unwrap()).collect()
}

/// The share of draws that do something.
fn share<C: Change>(drawn: &[Option<C>]) -> f64 {
    drawn.iter().filter(|change| change.is_some()).count() as f64 / drawn.len() as f64
}

#[test]
fn probabilities() {
    let near = |share: f64, p: f64| assert!((share - p).abs() < 0.03, "{share} for {p}");
    for p in [0.0, 0.3, 1.0] {
        near(share(&draws(&RandomHorizontalFlip::new(p).unwrap(), 3000)), p);
        near(share(&draws(&RandomVerticalFlip::new(p).unwrap(), 3000)), p);
        near(share(&draws(&RandomGrayscale::new(p).unwrap(), 3000)), p);
        near(share(&draws(&RandomApply::new(Adjust::Invert, p).unwrap(), 3000)), p);
        near(share(&draws(&RandomPerspective::new(0.5, p).unwrap(), 3000)), p);
    }
    for p in [-0.1, 1.1, f64::NAN] {
        assert!(message(RandomHorizontalFlip::new(p)).contains("probability"));
        assert!(RandomVerticalFlip::new(p).is_err() && RandomGrayscale::new(p).is_err());
        assert!(RandomApply::new(Adjust::Invert, p).is_err() && RandomErasing::new(p).is_err());
        assert!(RandomPerspective::new(p, 0.5).is_err() && RandomPerspective::new(0.5, p).is_err());
    }
}

#[test]
fn crops_reach_every_corner() {
    let crops = draws(&RandomCrop::new([18, 30]).padding(1), 2000);
    let corners: BTreeSet<_> = crops.iter().map(|c| (c.top, c.left)).collect();
    let wanted: BTreeSet<_> = (-1..=3).flat_map(|t| (-1..=1).map(move |l| (t, l))).collect();
    assert_eq!(corners, wanted);
    let text = message(RandomCrop::new([21, 3]).draw(SIZE, &mut Rng::new(0)));
    assert!(text.contains("RandomCrop: got a picture of 20 rows x 30 columns"), "{text}");
    assert!(RandomCrop::new([1, 1]).padding(usize::MAX).draw(SIZE, &mut Rng::new(0)).is_err());
    assert!(RandomCrop::new([0, 1]).draw(SIZE, &mut Rng::new(0)).is_err());
}

#[test]
fn resized_crops_have_their_area_and_proportions() {
    let drawn = draws(&RandomResizedCrop::new([8, 9]), 3000);
    let (mut areas, mut ratios) = (Vec::new(), Vec::new());
    for change in &drawn {
        let Crop { top, left, size } = change.crop;
        assert!(top >= 0 && left >= 0);
        assert!(top as usize + size.height <= 20 && left as usize + size.width <= 30);
        areas.push((size.height * size.width) as f64 / 600.0);
        ratios.push(size.width as f64 / size.height as f64);
        assert_eq!(change.resized.size, [8, 9].into());
    }
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    assert!((0.06..0.1).contains(&least(&areas)) && (0.7..=1.0).contains(&most(&areas)));
    assert!((0.65..0.76).contains(&least(&ratios)) && (1.3..1.5).contains(&most(&ratios)));
    // No window fits: the largest in the middle with proportions in the range.
    let crop = RandomResizedCrop::new([8, 8]).scale([1.0, 1.0]).unwrap();
    let crop = crop.ratio([1.0, 1.0]).unwrap().draw(SIZE, &mut Rng::new(0)).unwrap().crop;
    assert_eq!(crop, Crop { top: 0, left: 5, size: [20, 20].into() });
    assert!(RandomResizedCrop::new([8, 8]).scale([0.5, 1.1]).is_err());
    assert!(RandomResizedCrop::new([8, 8]).ratio([2.0, 1.0]).is_err());
    // One pixel is enough.
    let one = RandomResizedCrop::new([2, 2]).apply(noisy(1, 1, 3, 1), &mut Rng::new(0)).unwrap();
    assert_eq!(one.pixels()[..3], noisy(1, 1, 3, 1).pixels()[..]);
}

#[test]
fn ranges_of_maps_and_colours() {
    let affine = RandomAffine::new([-10.0, 20.0]).unwrap().translate([0.1, 0.2]).unwrap();
    let affine = affine.scale([0.5, 2.0]).unwrap().shear([-5.0, 5.0], [0.0, 0.0]).unwrap();
    let drawn = draws(&affine, 2000);
    let spans = |value: fn(&Affine) -> f64| {
        let values = drawn.iter().map(value);
        let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
        values.fold((low, high), |(low, high), x| (low.min(x), high.max(x)))
    };
    let near = |(low, high): (f64, f64), wanted: (f64, f64), room: f64| {
        assert!(low >= wanted.0 && low < wanted.0 + room, "{low}");
        assert!(high <= wanted.1 && high > wanted.1 - room, "{high}");
    };
    near(spans(|a| a.angle), (-10.0, 20.0), 0.5);
    near(spans(|a| a.translate[0]), (-3.0, 3.0), 0.1);
    near(spans(|a| a.translate[1]), (-4.0, 4.0), 0.1);
    near(spans(|a| a.scale), (0.5, 2.0), 0.05);
    near(spans(|a| a.shear[0]), (-5.0, 5.0), 0.2);
    assert_eq!(spans(|a| a.shear[1]), (0.0, 0.0));
    assert!(message(RandomAffine::new([1.0, f64::NAN])).contains("degrees from 1 to NaN"));
    assert!(RandomAffine::new([0.0, 1.0]).unwrap().translate([0.1, 1.2]).is_err());
    assert!(RandomAffine::new([0.0, 1.0]).unwrap().scale([0.0, 1.0]).is_err());
    assert!(RandomAffine::new([0.0, 1.0]).unwrap().shear([0.0, 90.0], [0.0, 0.0]).is_err());

    let rotations = draws(&RandomRotation::new([10.0, 20.0]).unwrap(), 100);
    assert!(rotations.iter().all(|r| (-20.0..=-10.0).contains(&r.angle)));

    let jitter = ColorJitter::new().brightness(0.4).unwrap().hue(0.1).unwrap();
    let mut orders = BTreeSet::new();
    for changes in draws(&jitter, 500) {
        assert_eq!(changes.len(), 2);
        orders.insert(matches!(changes[0], Adjust::Hue(_)));
        for change in changes {
            match change {
                Adjust::Brightness(f) => assert!((0.6..=1.4).contains(&f)),
                Adjust::Hue(by) => assert!((-0.1..=0.1).contains(&by)),
                other => panic!("not asked for: {other:?}"),
            }
        }
    }
    assert_eq!(orders.len(), 2, "both orders occur");
    assert!(ColorJitter::new().contrast(-1.0).is_err() && ColorJitter::new().hue(0.6).is_err());
    assert!(ColorJitter::new().saturation(f64::INFINITY).is_err());

    let blur = GaussianBlur::new(3).unwrap().sigma([0.5, 0.5]).unwrap();
    assert_eq!(draws(&blur, 1), [Blur::new(3, 0.5).unwrap()]);
    assert!(GaussianBlur::new(4).is_err() && GaussianBlur::new(1025).is_err());
    assert!(GaussianBlur::new(3).unwrap().sigma([0.0, 1.0]).is_err());
    assert!(Blur::new(3, f64::NAN).is_err());
}

#[test]
fn policies_draw_all_changes() {
    let kinds = |changes: Vec<PolicyChange>| {
        let name = |change: &PolicyChange| match change {
            PolicyChange::Affine(a) => {
                let moved = [a.angle, a.translate[0], a.translate[1], a.shear[0], a.shear[1]];
                format!("affine {}", moved.iter().position(|x| *x != 0.0).unwrap_or(9))
            }
            other => format!("{other:?}").split(&['(', ')'][..]).take(2).collect(),
        };
        changes.iter().map(name).collect::<BTreeSet<_>>()
    };
    let all = draws(&RandAugment::new().strength(3, 9).unwrap(), 400);
    assert!(all.iter().all(|changes| changes.len() == 3));
    assert_eq!(kinds(all.concat()).len(), 14);
    let trivial = draws(&TrivialAugmentWide::new(), 3000);
    assert!(kinds(trivial.clone()).len() >= 14);
    let angles = trivial.iter().filter_map(|change| match change {
        PolicyChange::Affine(a) if a.angle != 0.0 => Some(a.angle),
        _ => None,
    });
    let (low, high) = angles.fold((0.0_f64, 0.0_f64), |(l, h), x| (l.min(x), h.max(x)));
    assert_eq!((low, high), (-135.0, 135.0));
    let mut rng = Rng::new(3);
    for _ in 0..300 {
        for channels in 1..=4 {
            let image = noisy(9, 7, channels, 1);
            let changed = TrivialAugmentWide::new().apply(image, &mut rng).unwrap();
            assert_eq!((changed.size(), changed.channels()), ([9, 7].into(), channels));
        }
    }
    assert!(message(RandAugment::new().strength(2, 31)).contains("magnitude 31"));
}

#[test]
fn arguments_of_changes() {
    let image = || noisy(4, 4, 3, 1);
    let change = |adjust: Adjust| adjust.apply(image(), &mut Rng::new(0));
    assert!(message(change(Adjust::Brightness(-1.0))).contains("brightness -1"));
    assert!(message(change(Adjust::Hue(0.6))).contains("hue 0.6"));
    assert!(message(change(Adjust::Posterize(9))).contains("9 bits"));
    assert!(change(Adjust::Contrast(f64::NAN)).is_err());
    for affine in [
        Affine { scale: 0.0, ..Affine::default() },
        Affine { angle: f64::NAN, ..Affine::default() },
        Affine { shear: [90.0, 0.0], ..Affine::default() },
    ] {
        assert!(message(affine.apply(image(), &mut Rng::new(0))).contains("scale > 0"));
    }
    let tiny = Affine { scale: 1e-300, expand: true, ..Affine::default() };
    assert!(tiny.apply(image(), &mut Rng::new(0)).is_err(), "far too large");
    let line = [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]];
    assert!(message(Perspective::new(line, line)).contains("no three on a line"));
    assert!(Perspective::new([[f64::NAN; 2]; 4], line).is_err());
    for pad in [Pad::all(4, Edge::Reflect), Pad::all(5, Edge::Symmetric)] {
        assert!(message(pad.apply(image(), &mut Rng::new(0))).contains("Pad: got"));
    }
    assert!(Pad::all(usize::MAX, Edge::Edge).apply(image(), &mut Rng::new(0)).is_err());
    assert!(Resize::new(usize::MAX).apply(image(), &mut Rng::new(0)).is_err());
    assert!(Resize::new(0).apply(image(), &mut Rng::new(0)).is_err());
    let huge = Crop { top: isize::MAX, left: isize::MIN, size: [2, 2].into() };
    assert_eq!(huge.apply(image(), &mut Rng::new(0)).unwrap().pixels(), [0; 12]);
    // Alpha stays.
    let clear = Image::filled([3, 3], &[200, 100, 50, 7]).unwrap();
    for adjust in [Adjust::Invert, Adjust::Sharpness(2.0), Adjust::Grayscale, Adjust::Equalize] {
        let changed = adjust.apply(clear.clone(), &mut Rng::new(0)).unwrap();
        assert!(changed.pixels().chunks(4).all(|pixel| pixel[3] == 7));
    }
}

#[test]
fn tiny_pictures_pass_everything() {
    for (height, width) in [(1, 1), (1, 2), (2, 1), (3, 2), (1, 40)] {
        for channels in 1..=4 {
            for seed in 0..20 {
                let mut rng = Rng::new(seed);
                let boxes = Boxes::new([height, width], vec![[0.0, 0.0, 1.0, 1.0]], vec![0]);
                let item = (noisy(height, width, channels, 1), boxes.unwrap());
                let blurred = GaussianBlur::new(9).unwrap().apply(item.0.clone(), &mut rng);
                assert_eq!(blurred.unwrap().size(), [height, width].into());
                for augment in [RandAugment::new().strength(3, 30).unwrap(), RandAugment::new()] {
                    assert!(augment.apply(item.clone(), &mut rng).is_ok());
                }
                let changed = Compose::new()
                    .then(RandomPerspective::new(1.0, 1.0).unwrap())
                    .then(RandomRotation::new([0.0, 90.0]).unwrap().expand(true))
                    .then(GaussianBlur::new(7).unwrap())
                    .then(TrivialAugmentWide::new())
                    .then(RandomResizedCrop::new([3, 3]));
                let (image, boxes) = changed.apply(item, &mut rng).unwrap();
                assert_eq!(image.size(), [3, 3].into());
                assert!(boxes.corners()[0].iter().all(|x| (0.0..=3.0).contains(x)));
            }
        }
    }
}

#[test]
fn erasing() {
    let x = Tensor::ones([3, 20, 30]);
    let mut rng = Rng::new(4);
    let (mut erased, mut least, mut most) = (0, 600, 0);
    for _ in 0..1000 {
        let y = RandomErasing::new(0.6).unwrap().apply(&x, &mut rng).unwrap();
        let zeros = y.to_vec().iter().filter(|&&v| v == 0.0).count();
        assert!(zeros.is_multiple_of(3));
        if zeros > 0 {
            (erased, least, most) = (erased + 1, least.min(zeros / 3), most.max(zeros / 3));
        }
    }
    assert!((550..650).contains(&erased), "{erased}");
    assert!((8..20).contains(&least) && (170..=215).contains(&most), "{least} {most}");
    let always = RandomErasing::new(1.0).unwrap();
    let five = always.value(5.0).apply(&x, &mut rng).unwrap();
    assert_eq!(five.max().unwrap().item().unwrap(), 5.0);
    let noise = always.noise().scale([0.3, 0.3]).unwrap().apply(&x, &mut rng).unwrap();
    let values: BTreeSet<u32> = noise.to_vec().iter().map(|v| v.to_bits()).collect();
    assert!(values.len() > 300, "each pixel has noise of its own");
    assert!(message(always.apply(&Tensor::zeros([4]), &mut rng)).contains("[C, H, W]"));
    for shape in [[3, 0, 4], [3, 4, 0], [0, 4, 4], [1, 1, 1]] {
        assert_eq!(always.apply(&Tensor::ones(shape), &mut rng).unwrap(), Tensor::ones(shape));
    }
    assert!(always.scale([0.5, 2.0]).is_err() && always.ratio([0.0, 1.0]).is_err());
}

#[test]
fn mixed_batches() {
    let (n, classes) = (5, 4);
    // Image i has the value i everywhere.
    let images = Tensor::filled_by([n, 2, 6, 8], |out: &mut [f32]| {
        out.iter_mut().enumerate().for_each(|(i, x)| *x = (i / 96) as f32);
    });
    let labels = Tensor::vector([0, 1, 2, 3, 1]);
    let (mut shares_of_one, mut cut) = (Vec::new(), 0);
    for seed in 0..200 {
        let (mixed, shares) =
            MixUp::new(classes, 1.0).unwrap().apply(&images, &labels, &mut Rng::new(seed)).unwrap();
        let share = shares.get([1, 1]).unwrap();
        shares_of_one.push(f64::from(share));
        assert!((shares.get([1, 0]).unwrap() - (1.0 - share)).abs() < 1e-6);
        assert!((mixed.get([1, 1, 3, 3]).unwrap() - share).abs() < 1e-6, "1 with 0");
        assert!((mixed.get([0, 0, 0, 0]).unwrap() - 4.0 * (1.0 - share)).abs() < 1e-5, "0 with 4");

        let (mixed, shares) = CutMix::new(classes, 1.0)
            .unwrap()
            .apply(&images, &labels, &mut Rng::new(seed))
            .unwrap();
        let ones = mixed.to_vec()[96..192].to_vec();
        let own = ones.iter().filter(|&&x| x == 1.0).count();
        assert!(ones.iter().all(|&x| x == 1.0 || x == 0.0));
        assert!((shares.get([1, 1]).unwrap() - own as f32 / 96.0).abs() < 1e-6);
        assert_eq!(ones[..48], ones[48..], "the same place in every channel");
        cut += usize::from(own < 96);
        for i in 0..n {
            let sum: f32 = (0..classes).map(|c| shares.get([i, c]).unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-6);
        }
    }
    let mean = shares_of_one.iter().sum::<f64>() / 200.0;
    assert!((mean - 0.5).abs() < 0.08 && cut > 150, "{mean} {cut}");
    let mix = MixUp::new(classes, 0.2).unwrap();
    let wrong = |labels| mix.apply(&images, &labels, &mut Rng::new(0));
    assert!(matches!(wrong(Tensor::vector([0, 1, 2, 4, 0])), Err(Error::Label { item: 3, .. })));
    assert!(matches!(wrong(Tensor::vector([-1, 1, 2, 3, 0])), Err(Error::Label { label: -1, .. })));
    assert!(message(wrong(Tensor::vector([0, 1]))).contains("5 labels [N]"));
    let flat = Tensor::zeros([5, 3]);
    assert!(message(mix.apply(&flat, &labels, &mut Rng::new(0))).contains("[N, C, H, W]"));
    for alpha in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(MixUp::new(3, alpha).is_err() && CutMix::new(3, alpha).is_err());
    }
    assert!(MixUp::new(0, 1.0).is_err());
    let none = Tensor::zeros([0, 3, 4, 0]);
    let (mixed, shares) =
        CutMix::new(3, 1.0).unwrap().apply(&none, &Tensor::zeros([0]), &mut Rng::new(0)).unwrap();
    assert_eq!((mixed, shares.shape()), (none, &[0, 3][..]));
}
