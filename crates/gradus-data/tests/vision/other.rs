//! Kinds of pictures that the feature `image` reads.

use gradus_data::Error;
use gradus_data::vision::{FolderOptions, ImageProblem, ImageReader, read_image};

use crate::{bytes, cases, message, wanted};

#[test]
fn files_of_pillow() {
    let all = cases("other");
    assert_eq!(all.len(), 5);
    for case in all {
        let image = read_image(&bytes(&case["file"]), "x").unwrap();
        let wanted = wanted(&case);
        let image = image.with_channels(wanted.channels()).unwrap();
        assert_eq!(image, wanted, "{}", case["name"]);
        assert_eq!(image.pixels(), wanted.pixels(), "{}", case["name"]);
    }
}

#[test]
fn damage_and_limits() {
    for case in cases("other") {
        let file = bytes(&case["file"]);
        for len in 1..file.len() / 2 {
            assert!(read_image(&file[..len], "x").is_err(), "{} cut to {len}", case["name"]);
        }
        let text = message(ImageReader::new().max_pixels(30).read(&file, "x"));
        assert!(text.contains("more than the limit of 30"), "{text}");
    }
    // A GIF that declares 60,000 x 60,000.
    let mut gif = bytes(&cases("other")[0]["file"]);
    gif[6..10].copy_from_slice(&[0x60, 0xea, 0x60, 0xea]);
    let found = read_image(&gif, "x");
    assert!(
        matches!(found, Err(Error::Image { problem: ImageProblem::TooLarge { .. }, .. })),
        "{found:?}"
    );
    let text = message(read_image(b"no picture", "x"));
    assert!(text.contains("PNG, JPEG, BMP or other picture") && text.contains("(text)"), "{text}");
}

#[test]
fn folders_list_them() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("c")).unwrap();
    for (i, ending) in ["gif", "webp", "TIFF", "ppm", "ico"].into_iter().enumerate() {
        let file = bytes(&cases("other")[i]["file"]);
        std::fs::write(dir.path().join(format!("c/{i}.{ending}")), file).unwrap();
    }
    let folder = FolderOptions::new().open(dir.path()).unwrap();
    assert_eq!((folder.items().len(), folder.check().len()), (5, 0));
}
