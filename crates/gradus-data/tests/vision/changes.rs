//! Each change beside torchvision's.

use gradus_data::vision::{
    Adjust, Affine, Augment, Blur, Boxes, CenterCrop, Change, Crop, Edge, Filter, Flip, Image,
    Mask, Pad, Perspective, Resize, Resized, ResizedCrop,
};
use gradus_tensor::Rng;
use serde_json::Value;

use crate::{cases, noisy, number, numbers, smooth, wanted};

/// The change of a case.
fn change(case: &Value) -> Box<dyn Change> {
    let n = numbers(&case["numbers"]);
    let whole = |i: usize| n[i] as isize;
    let side = |i: usize| n[i] as usize;
    let size = [number(&case["from"][0]), number(&case["from"][1])];
    let op = case["op"].as_str().unwrap();
    let filter = if op.contains("bilinear") { Filter::Bilinear } else { Filter::Nearest };
    let affine = |center| Affine {
        angle: n[0],
        translate: [n[1], n[2]],
        scale: n[3],
        shear: [n[4], n[5]],
        center,
        filter,
        ..Affine::default()
    };
    let crop = || Crop { top: whole(0), left: whole(1), size: [side(2), side(3)].into() };
    let pad = |edge| Box::new(Pad::new(side(0), side(1), side(2), side(3), edge));
    match op.trim_end_matches(" nearest").trim_end_matches(" bilinear") {
        "affine" => Box::new(affine(None)),
        "corner affine" => Box::new(affine(Some([0.0, 0.0]))),
        "rotate" => {
            Box::new(Affine { angle: -n[0], expand: n[1] == 1.0, filter, ..Affine::default() })
        }
        "perspective" => {
            let from = [[0.0, 0.0], [16.0, 0.0], [16.0, 12.0], [0.0, 12.0]];
            let to = [[n[0], n[1]], [n[2], n[3]], [n[4], n[5]], [n[6], n[7]]];
            Box::new(Perspective::new(from, to).unwrap().filter(filter))
        }
        "brightness" => Box::new(Adjust::Brightness(n[0])),
        "contrast" => Box::new(Adjust::Contrast(n[0])),
        "saturation" => Box::new(Adjust::Saturation(n[0])),
        "sharpness" => Box::new(Adjust::Sharpness(n[0])),
        "hue" => Box::new(Adjust::Hue(n[0])),
        "posterize" => Box::new(Adjust::Posterize(n[0] as u32)),
        "solarize" => Box::new(Adjust::Solarize(n[0] as u8)),
        "invert" => Box::new(Adjust::Invert),
        "grayscale" => Box::new(Adjust::Grayscale),
        "autocontrast" => Box::new(Adjust::Autocontrast),
        "equalize" => Box::new(Adjust::Equalize),
        "blur" => Box::new(Blur::new(side(0), n[1]).unwrap()),
        "pad constant" => pad(Edge::Constant(9)),
        "pad edge" => pad(Edge::Edge),
        "pad reflect" => pad(Edge::Reflect),
        "pad symmetric" => pad(Edge::Symmetric),
        "center crop" => {
            let drawn = CenterCrop::new([side(0), side(1)]).draw(size.into(), &mut Rng::new(0));
            Box::new(drawn.unwrap())
        }
        "crop" => Box::new(crop()),
        "resized crop" => {
            let resized = Resized { size: [side(4), side(5)].into(), filter: Filter::Bilinear };
            Box::new(ResizedCrop { crop: crop(), resized })
        }
        "horizontal flip" => Box::new(Flip::Horizontal),
        "vertical flip" => Box::new(Flip::Vertical),
        other => panic!("no change {other}"),
    }
}

/// The picture that a case starts from.
fn picture(case: &Value) -> Image {
    let [height, width] = [0, 1].map(|i| number(&case["from"][i]));
    match case["picture"].as_str().unwrap() {
        "noisy" => noisy(height, width, 3, 1),
        _ => smooth(height, width, 3),
    }
}

#[test]
fn pictures_as_torchvision_makes_them() {
    let all = cases("changes");
    assert_eq!(all.len(), 172);
    for case in &all {
        let (change, old, wanted) = (change(case), picture(case), wanted(case));
        assert_eq!(change.size(old.size()), wanted.size(), "{}", case["op"]);
        let got = change.image(old).unwrap();
        let pairs = got.pixels().iter().zip(wanted.pixels());
        let off: Vec<u8> = pairs.map(|(a, b)| a.abs_diff(*b)).collect();
        let name = format!("{} {} {}", case["op"], case["numbers"], case["picture"]);
        let share =
            |least: u8| off.iter().filter(|&&d| d >= least).count() as f64 / off.len() as f64;
        // torchvision turns pictures in f32: a place half between two pixels falls to either side.
        let nearest = name.contains(" nearest");
        assert!(nearest || share(2) == 0.0, "{name}: {:?}", off.iter().max());
        // It does not resize to the byte as Pillow does, either.
        let most = if name.contains("resized") { 0.1 } else { 0.01 };
        assert!(share(1) < most, "{name}: {}", share(1));
    }
}

#[test]
fn boxes_as_torchvision_moves_them() {
    let corners = vec![[2.0, 1.0, 9.0, 8.0], [0.0, 0.0, 17.0, 13.0], [11.5, 3.25, 16.0, 12.5]];
    let boxes = Boxes::new([13, 17], corners, vec![1, 2, 3]).unwrap();
    let all = cases("changes");
    let all: Vec<_> = all.iter().filter(|case| !case["boxes"].is_null()).collect();
    assert_eq!(all.len(), 72);
    for case in all {
        let moved = change(case).boxes(boxes.clone()).unwrap();
        assert_eq!(moved.size(), wanted(case).size());
        assert_eq!(moved.labels(), [1, 2, 3]);
        let (got, wanted) = (moved.corners().concat(), numbers(&case["boxes"]));
        let off = got.iter().zip(&wanted).map(|(a, b)| (f64::from(*a) - b).abs());
        let off = off.fold(0.0, f64::max);
        // For pictures torchvision rounds odd padding down, for boxes up: half a pixel more.
        let padded = case["op"] == "center crop" && number(&case["height"]) == 20;
        let least = if padded { 1.0 } else { 1e-3 };
        assert!(off <= least, "{} {}: {got:?} {wanted:?}", case["op"], case["numbers"]);
    }
}

#[test]
fn sides_as_torchvision_rounds_them() {
    for case in cases("resize sides") {
        let size = |name: &str| [0, 1].map(|i| number(&case[name][i]));
        let resize = Resize::new(number(&case["side"]));
        let drawn = resize.draw(size("from").into(), &mut Rng::new(0)).unwrap();
        assert_eq!(drawn.size, size("to").into(), "{case}");
    }
}

#[test]
fn every_filter_moves_a_slope_by_parts_of_a_pixel() {
    let pixels = (0..12_u8).flat_map(|y| (0..16_u8).map(move |x| 8 * x + 4 * y)).collect();
    let slope = Image::new([12, 16], 1, pixels).unwrap();
    for (filter, room) in [(Filter::Bilinear, 0), (Filter::Bicubic, 0), (Filter::Lanczos, 2)] {
        let still = Affine { filter, ..Affine::default() };
        assert_eq!(still.image(slope.clone()).unwrap(), slope, "{filter:?}");
        let moved = Affine { translate: [0.25, 0.5], ..still }.image(slope.clone()).unwrap();
        for y in 4..9 {
            for x in 4..13 {
                let wanted = slope.pixel(y, x).unwrap()[0] - 4;
                let got = moved.pixel(y, x).unwrap()[0];
                assert!(got.abs_diff(wanted) <= room, "{filter:?} {y} {x}: {got} {wanted}");
            }
        }
    }
}

#[test]
fn the_fill_comes_in_from_outside() {
    let white = Image::filled([4, 4], &[255]).unwrap();
    for filter in [Filter::Nearest, Filter::Bilinear, Filter::Bicubic] {
        let moved = |x: f64| Affine { translate: [x, 0.0], filter, fill: 55, ..Affine::default() };
        let row = |x: f64| moved(x).image(white.clone()).unwrap().pixels()[..4].to_vec();
        assert_eq!(row(2.0), [55, 55, 255, 255], "{filter:?}");
        assert_eq!(row(100.0), [55; 4]);
        // Half a pixel is half of each.
        if filter == Filter::Bilinear {
            assert_eq!(row(1.5), [55, 155, 255, 255]);
        }
        let mask = Mask::new(white.clone()).unwrap();
        assert_eq!(moved(3.0).mask(mask).unwrap().classes()[..4], [0, 0, 0, 255]);
    }
}
