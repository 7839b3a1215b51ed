//! Files that Pillow wrote, beside what it reads from them.

use gradus_data::vision::{ImageReader, open_image, read_image, save_png};

use crate::{bytes, cases, levels, noisy, number, numbers, shared, wanted};

#[test]
fn png_and_bmp_to_the_byte() {
    let (png, bmp) = (cases("png"), cases("bmp"));
    assert_eq!((png.len(), bmp.len()), (19, 5));
    for case in png.iter().chain(&bmp) {
        let image = read_image(&bytes(&case["file"]), "x").unwrap();
        assert_eq!(image.channels(), wanted(case).channels(), "{}", case["name"]);
        assert_eq!(image.pixels(), wanted(case).pixels(), "{}", case["name"]);
        assert_eq!(image, wanted(case), "{}", case["name"]);
    }
}

#[test]
fn jpeg_to_a_few_levels() {
    // Decoders may round the cosine transform and fill in colours as they like.
    let all = cases("jpeg");
    assert_eq!(all.len(), 10);
    for case in all {
        let image = read_image(&bytes(&case["file"]), "x").unwrap();
        let off = levels(&image, &wanted(&case));
        let pairs = image.pixels().iter().zip(wanted(&case).into_pixels());
        let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(b))).sum();
        let mean = sum / image.pixels().len() as f64;
        assert!(off <= 5 && mean < 0.4, "{}: {off} at most, {mean} on average", case["name"]);
    }
}

#[test]
fn orientation_can_be_left_alone() {
    let all = cases("png");
    let case = all.iter().find(|case| case["name"] == "orientation 6").unwrap();
    let file = bytes(&case["file"]);
    let as_stored = ImageReader::new().orientation(false).read(&file, "x").unwrap();
    assert_eq!(as_stored, noisy(4, 3, 3, 1));
    assert_ne!(as_stored.size(), read_image(&file, "x").unwrap().size());
}

#[test]
fn written_files_read_back() {
    let dir = tempfile::tempdir().unwrap();
    // The content tells the kind; the name is free.
    let path = dir.path().join("picture.jpg");
    for channels in 1..=4 {
        let image = noisy(5, 6, channels, 7);
        save_png(&path, &image).unwrap();
        assert_eq!(open_image(&path).unwrap(), image);
        let wide = ImageReader::new().channels(4).open(&path).unwrap();
        assert_eq!(wide.channels(), 4);
    }
}

#[test]
fn photographs() {
    for case in cases("photographs") {
        let Some(path) = shared(&format!("digits/{}", case["name"].as_str().unwrap())) else {
            return;
        };
        let image = open_image(&path).unwrap();
        assert_eq!([image.height(), image.width()], [&case["height"], &case["width"]].map(number));
        let mut sums = vec![0.0; 5 * 8 * 3];
        for y in 0..400 {
            for x in 0..640 {
                for (c, &value) in image.pixel(y, x).unwrap().iter().enumerate() {
                    sums[(y / 80 * 8 + x / 80) * 3 + c] += f64::from(value) / 6400.0;
                }
            }
        }
        for (got, wanted) in sums.iter().zip(numbers(&case["means"])) {
            assert!((got - wanted).abs() < 0.1, "{}: {got} {wanted}", case["name"]);
        }
        let file = std::fs::read(&path).unwrap();
        for part in [file.len() / 2, file.len() - 2] {
            assert!(read_image(&file[..part], "part").is_err());
        }
    }
}
