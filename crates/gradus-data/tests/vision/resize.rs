//! Other sizes, beside Pillow's and torchvision's.

use gradus_data::vision::{Filter, Image};
use serde_json::Value;

use crate::{cases, levels, message, noisy, number, wanted};

fn resized(case: &Value) -> (Image, Image) {
    let filters = [
        ("nearest", Filter::Nearest),
        ("box", Filter::Box),
        ("bilinear", Filter::Bilinear),
        ("bicubic", Filter::Bicubic),
        ("lanczos", Filter::Lanczos),
    ];
    let filter = filters.into_iter().find(|(name, _)| case["filter"] == *name).unwrap().1;
    let wanted = wanted(case);
    let old = noisy(number(&case["from"][0]), number(&case["from"][1]), wanted.channels(), 1);
    (old.resize(wanted.size(), filter).unwrap(), wanted)
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
fn within_a_level_of_torchvision() {
    let all = cases("torchvision resize");
    assert_eq!(all.len(), 14);
    for case in &all {
        let (got, wanted) = resized(case);
        assert!(levels(&got, &wanted) <= 1, "{} from {}", case["filter"], case["from"]);
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
