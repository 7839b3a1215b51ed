//! Every kind of bad picture. None may panic, hang or take much memory.

use gradus_data::Error;
use gradus_data::vision::{ImageProblem, ImageReader, open_image, read_image, write_png};

use crate::{bytes, cases, message, noisy};

fn problem(file: &[u8]) -> ImageProblem {
    match read_image(file, "x") {
        Err(Error::Image { problem, .. }) => problem,
        Err(other) => panic!("another error: {other}"),
        Ok(image) => panic!("no error: {image:?}"),
    }
}

fn file_of(kind: &str, name: &str) -> Vec<u8> {
    let all = cases(kind);
    bytes(&all.iter().find(|case| case["name"] == name).unwrap()["file"])
}

#[test]
fn cut_anywhere_is_an_error() {
    for kind in ["png", "jpeg", "bmp"] {
        for case in cases(kind) {
            let file = bytes(&case["file"]);
            for len in 1..file.len() {
                let cut = read_image(&file[..len], "x");
                assert!(cut.is_err(), "{kind} {} cut to {len} of {}", case["name"], file.len());
            }
        }
    }
    let jpeg = file_of("jpeg", "4:2:0");
    let text = message(read_image(&jpeg[..jpeg.len() - 10], "half.jpg"));
    assert_eq!(
        text,
        "half.jpg: is a JPEG that ends too early (it has no end-of-image marker); it is truncated: \
         get it again"
    );
    let png = file_of("png", "RGB");
    let half = problem(&png[..png.len() / 2]);
    assert!(matches!(half, ImageProblem::Truncated { kind: "PNG", .. }), "{half}");
    let bmp = file_of("bmp", "RGB");
    let half = problem(&bmp[..bmp.len() / 2]);
    assert!(matches!(half, ImageProblem::Truncated { kind: "BMP", .. }), "{half}");
}

#[test]
fn a_jpeg_that_goes_on_with_its_end_too_early() {
    // The coded data is cut, but the marker stands: what only a strict decoder sees.
    let jpeg = file_of("jpeg", "4:4:4");
    let cut = [&jpeg[..jpeg.len() * 2 / 3], &[0xff, 0xd9]].concat();
    let found = problem(&cut);
    assert!(
        matches!(found, ImageProblem::Damaged { .. } | ImageProblem::Truncated { .. }),
        "{found}"
    );
}

#[test]
fn changed_bytes_are_an_error_or_a_picture() {
    let mut state = 1_u32;
    let mut next = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % n
    };
    for kind in ["png", "jpeg", "bmp"] {
        for case in cases(kind) {
            let file = bytes(&case["file"]);
            for _ in 0..100 {
                let mut file = file.clone();
                for _ in 0..=next(3) {
                    let at = next(file.len());
                    file[at] = next(256) as u8;
                }
                if let Ok(image) = ImageReader::new().max_pixels(1 << 20).read(&file, "x") {
                    let size = image.size();
                    assert_eq!(image.pixels().len(), size.height * size.width * image.channels());
                }
            }
        }
    }
}

#[test]
fn what_is_no_picture() {
    for (file, wanted) in [
        (&b"just some words\n"[..], "x: is no PNG, JPEG or BMP"),
        (b"just some words\n", "starts with the bytes 6a 75 73 74 20 73 6f 6d (text)"),
        (b"BM is how this text begins, and it goes on", "(text)"),
        (b"<!DOCTYPE html><html>", "(a web page or SVG?)"),
        (b"\x00\x00\x00\x18ftypheic....", "(HEIC or AVIF)"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (b"", "is empty"),
        (b"\x89", "starts with the bytes 89"),
    ] {
        let text = message(read_image(file, "x"));
        let wanted = if cfg!(feature = "image") { "x: is" } else { wanted };
        assert!(text.contains(wanted), "{text}");
    }
}

#[test]
fn sixty_thousand_squared() {
    // In each file the declared size becomes 60,000 x 60,000.
    let mut png = file_of("png", "RGB");
    png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let mut jpeg = file_of("jpeg", "4:4:4");
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let mut bmp = file_of("bmp", "RGB");
    bmp[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);
    for file in [&png, &jpeg, &bmp] {
        let limit = ImageReader::MAX_PIXELS;
        let wanted = ImageProblem::TooLarge { width: 60_000, height: 60_000, limit };
        assert_eq!(problem(file), wanted);
        assert!(wanted.to_string().contains("raise `ImageReader::max_pixels`"));
        // With the limit raised the file is still too short for its size.
        let text = message(ImageReader::new().max_pixels(u64::MAX).read(file, "x"));
        assert!(text.contains("60000 x 60000 pixels, but"), "{text}");
    }
    let mut most = file_of("bmp", "RGB");
    most[18..26].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80]);
    assert!(matches!(problem(&most), ImageProblem::TooLarge { .. }));
}

#[test]
fn limits() {
    let mut file = Vec::new();
    write_png(&mut file, &noisy(3, 4, 3, 1)).unwrap();
    assert!(ImageReader::new().max_pixels(12).read(&file, "x").is_ok());
    assert!(ImageReader::new().max_pixels(11).read(&file, "x").is_err());
    let length = file.len() as u64;
    assert!(ImageReader::new().max_bytes(length).read(&file, "x").is_ok());
    let text = message(ImageReader::new().max_bytes(length - 1).read(&file, "x"));
    assert!(text.contains("raise `ImageReader::max_bytes`"), "{text}");
    assert!(message(ImageReader::new().channels(7).read(&file, "x")).contains("channels = 7"));
}

#[test]
fn places_that_are_no_files() {
    let dir = tempfile::tempdir().unwrap();
    assert!(message(open_image(dir.path())).contains("is no regular file"));
    assert!(message(open_image(dir.path().join("absent.png"))).contains("absent.png"));
    std::fs::write(dir.path().join("text.png"), "no picture").unwrap();
    let text = message(open_image(dir.path().join("text.png")));
    assert!(text.contains("text.png: is no ") && text.contains("(text)"), "{text}");
    #[cfg(unix)]
    {
        assert!(message(open_image("/dev/zero")).contains("is no regular file"));
        let link = dir.path().join("link.png");
        std::os::unix::fs::symlink(&link, &link).unwrap();
        assert!(message(open_image(&link)).contains("link.png"));
    }
}

/// A BMP with a palette of two grey values, black and white, and the given header fields.
fn bmp(bits: u16, compression: u32, [width, height]: [i32; 2], data: &[u8]) -> Vec<u8> {
    let mut file = b"BM\0\0\0\0\0\0\0\0".to_vec();
    file.extend(62_u32.to_le_bytes());
    file.extend(40_u32.to_le_bytes());
    file.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
    file.extend([1, 0]);
    file.extend(bits.to_le_bytes());
    file.extend(compression.to_le_bytes());
    file.extend([0; 12]);
    file.extend([2, 0, 0, 0, 0, 0, 0, 0]);
    file.extend([0, 0, 0, 0, 255, 255, 255, 0]);
    file.extend(data);
    file
}

#[test]
fn forms_of_bmp() {
    let rows = |file: &[u8]| {
        let image = read_image(file, "x").unwrap().with_channels(1).unwrap();
        image.pixels().iter().map(|p| p / 255).collect::<Vec<_>>()
    };
    // Upside down unless the height is negative.
    assert_eq!(rows(&bmp(8, 0, [2, 2], &[0, 1, 9, 9, 1, 1, 9, 9])), [1, 1, 0, 1]);
    assert_eq!(rows(&bmp(8, 0, [2, -2], &[0, 1, 9, 9, 1, 1, 9, 9])), [0, 1, 1, 1]);
    // Runs: 3 of colour 1; next row; two as they follow; a jump; the end.
    let runs = [3, 1, 0, 0, 0, 3, 0, 1, 1, 0, 0, 2, 1, 0, 0, 1];
    assert_eq!(rows(&bmp(8, 1, [4, 2], &runs)), [0, 1, 1, 0, 1, 1, 1, 0]);
    assert_eq!(rows(&bmp(4, 2, [4, 1], &[3, 0x10, 0, 1])), [1, 0, 1, 0]);
    assert_eq!(rows(&bmp(4, 2, [4, 1], &[0, 3, 0x11, 0x10, 0, 1])), [1, 1, 1, 0]);
    // Runs past the edges are dropped; without an end only a full picture counts.
    assert_eq!(rows(&bmp(8, 1, [2, 1], &[200, 1, 0, 0, 200, 1, 0, 0, 9, 1, 0, 1])), [1, 1]);
    assert_eq!(rows(&bmp(8, 1, [2, 1], &[2, 1])), [1, 1]);
    assert!(matches!(problem(&bmp(8, 1, [2, 1], &[1, 1])), ImageProblem::Truncated { .. }));
    let sixteen = bmp(16, 0, [2, 1], &[0xff, 0x7f, 0x1f, 0]);
    assert_eq!(read_image(&sixteen, "x").unwrap().pixels(), [255, 255, 255, 0, 0, 255]);

    let colour = problem(&bmp(8, 0, [1, 1], &[2, 0, 0, 0]));
    assert!(colour.to_string().contains("colour 2 of a palette of 2 colours"), "{colour}");
    for size in [[0, 1], [1, 0], [-3, 1]] {
        assert!(problem(&bmp(8, 0, size, &[0; 4])).to_string().contains("pixels"));
    }
    for (bits, compression) in [(8, 4), (24, 1), (7, 0), (64, 0), (8, 3), (24, 5)] {
        let found = problem(&bmp(bits, compression, [1, 1], &[0; 8]));
        assert!(matches!(found, ImageProblem::Unsupported { .. }), "{found}");
    }
    let mut early = bmp(8, 0, [1, 1], &[0; 4]);
    early[10] = 20;
    assert!(problem(&early).to_string().contains("begin at byte 20"));
}
