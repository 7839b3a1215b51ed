//! Other sizes, beside Pillow's and torchvision's.

use gradus_data::vision::{Filter, Image};
use serde_json::Value;

use crate::{cases, levels, message, noisy, number, wanted};

fn filter(case: &Value) -> Filter {
    let filters = [
        ("nearest", Filter::Nearest),
        ("box", Filter::Box),
        ("bilinear", Filter::Bilinear),
        ("bicubic", Filter::Bicubic),
        ("lanczos", Filter::Lanczos),
    ];
    filters.into_iter().find(|(name, _)| case["filter"] == *name).unwrap().1
}

fn resized(case: &Value) -> (Image, Image) {
    let wanted = wanted(case);
    let old = noisy(number(&case["from"][0]), number(&case["from"][1]), wanted.channels(), 1);
    (old.resize(wanted.size(), filter(case)).unwrap(), wanted)
}

#[test]
fn the_bytes_of_pillow() {
    let all = cases("resize");
    assert_eq!(all.len(), 140);
    for case in &all {
        let (got, wanted) = resized(case);
        assert_eq!(got.pixels(), wanted.pixels(), "{} from {}", case["filter"], case["from"]);
    }
}

#[test]
fn the_checksums_of_pillow() {
    let all = cases("resize sums");
    assert_eq!(all.len(), 100);
    for case in &all {
        let size = |name: &str| [0, 1].map(|i| number(&case[name][i]));
        let [height, width] = size("from");
        let got = noisy(height, width, 3, 1).resize(size("to"), filter(case)).unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(got.pixels());
        assert_eq!(crc.sum() as usize, number(&case["crc"]), "{case}");
    }
}

#[test]
fn within_a_level_of_torchvision() {
    let all = cases("torchvision resize");
    assert_eq!(all.len(), 14);
    for case in &all {
        let (got, wanted) = resized(case);
        // From [9, 9] rows come first here and in Pillow, but not in torchvision; what overshoots is cut
        // off in between.
        let most = if case["from"][0] == 9 { 6 } else { 1 };
        let off = levels(&got, &wanted);
        assert!(off <= most, "{} from {}: {off}", case["filter"], case["from"]);
    }
}

#[test]
fn a_flat_picture_stays_flat() {
    for filter in [Filter::Nearest, Filter::Box, Filter::Bilinear, Filter::Bicubic, Filter::Lanczos]
    {
        for size in [[1, 1], [3, 50], [40, 2]] {
            let flat = Image::filled([7, 9], &[200, 3, 255]).unwrap().resize(size, filter).unwrap();
            assert_eq!(flat, Image::filled(size, &[200, 3, 255]).unwrap());
        }
    }
}

#[test]
fn sizes_that_cannot_be() {
    let image = Image::filled([2, 2], &[0]).unwrap();
    for size in [[0, 4], [4, 0], [usize::MAX, 2], [1 << 20, 1 << 20]] {
        let text = message(image.clone().resize(size, Filter::Bilinear));
        assert!(text.starts_with("resize: got") && text.contains("4 GiB"), "{text}");
    }
}
