//! Grids of images, maps over them, and points in the plane.

use gradus_data::vision::read_image;
use gradus_tensor::{Rng, Tensor};
use gradus_train::Result;
use gradus_train::plots::{ImageGrid, Pca, Plane, Plot};

use crate::message;
use crate::plots::{check, count, decode};

const BLUE: [u8; 3] = [0, 114, 178];
const VERMILION: [u8; 3] = [213, 94, 0];

/// The pictures in an SVG, in their order.
fn embedded(svg: &str) -> Vec<Vec<u8>> {
    const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let pieces = svg.split("base64,").skip(1).map(|rest| rest.split('"').next().unwrap());
    let png = pieces.map(|text| {
        let (mut bits, mut have, mut out) = (0_u32, 0, Vec::new());
        for sign in text.trim_end_matches('=').chars() {
            bits = bits << 6 | SIGNS.find(sign).unwrap() as u32;
            have += 6;
            if have >= 8 {
                have -= 8;
                out.push((bits >> have) as u8);
            }
        }
        out
    });
    png.map(|png| read_image(&png, "embedded").unwrap().with_channels(3).unwrap().into_pixels())
        .collect()
}

fn texts(svg: &str) -> Vec<String> {
    let after = svg.split("<text").skip(1).map(|piece| piece.split_once('>').unwrap().1);
    after.map(|text| text.split('<').next().unwrap().trim().to_string()).collect()
}

#[test]
fn both_forms_have_the_pixels() -> Result<()> {
    let image = Tensor::from_vec(vec![0.0, 1.0, 0.2, 0.0, 0.0, 0.6, 1.0, 0.0, 0.4], [3, 1, 3])?;
    let mut grid = ImageGrid::new("One").note("a note").columns(3);
    grid.add(&image, ["a line", "another"])?;
    let pixels = [0, 0, 255, 255, 0, 0, 51, 153, 102];
    assert_eq!(embedded(&grid.svg()?), [pixels]);
    let (_, _, png) = decode(&grid.png()?);
    for color in pixels.chunks_exact(3) {
        // 50 units wide and 50 high, at two pixels a unit.
        assert_eq!(count(&png, color.try_into().unwrap()), 10_000);
    }
    let wanted = ["One", "a note", "a line", "another"];
    assert_eq!(texts(&grid.svg()?), wanted);
    check(&grid);
    Ok(())
}

#[test]
fn grids_of_many_sizes() -> Result<()> {
    check_empty(&ImageGrid::new("Nothing"))?;
    for (n, [h, w]) in [(1, [1, 1]), (5, [300, 2]), (13, [28, 28]), (70, [8, 8]), (300, [3, 40])] {
        let mut grid = ImageGrid::new("Many");
        for _ in 0..n {
            grid.add(&Tensor::full([h, w], 0.5), ["x"])?;
        }
        assert_eq!((grid.len(), grid.is_empty()), (n, false));
        check(&grid);
    }
    Ok(())
}

fn check_empty(grid: &ImageGrid) -> Result<()> {
    assert!(grid.is_empty() && grid.png()?.starts_with(b"\x89PNG"));
    Ok(())
}

#[test]
fn a_grid_too_large_for_memory_is_refused() -> Result<()> {
    let mut grid = ImageGrid::new("High").columns(1);
    for _ in 0..ImageGrid::MOST {
        grid.add(&Tensor::zeros([2, 2]), ["x"])?;
    }
    assert!(grid.svg()?.contains("High"));
    let text = message(grid.png());
    assert!(text.contains("got a plot of 320 × ") && text.contains("fewer pictures"), "{text}");
    let text = message(grid.add(&Tensor::zeros([2, 2]), ["x"]));
    assert!(text.contains("got 2048 pictures and one more"), "{text}");
    Ok(())
}

#[test]
fn wrong_predictions_come_first_and_the_surest_of_them_before() -> Result<()> {
    let images = Tensor::linspace(0.0, 1.0, 20).reshape([5, 1, 2, 2])?;
    // Predicted 0, 0, 1, 1, 0 with growing certainty.
    let scores = vec![0.1, 0.0, 0.2, 0.0, 0.0, 0.3, 0.0, 0.4, 5.0, 0.0];
    let scores = Tensor::from_vec(scores, [5, 2])?;
    let labels = Tensor::vector([0, 1, 1, 0, 0]);
    let names = ["cat", "dog"];
    let grid = ImageGrid::predictions(&images, &scores, &labels, &names, 5)?;
    let svg = grid.svg()?;
    let said: Vec<_> = texts(&svg).into_iter().skip(2).collect();
    assert_eq!(
        said,
        ["dog 60 %", "is cat", "cat 55 %", "is dog", "cat 52 %", "dog 57 %", "cat 99 %"]
    );
    assert_eq!(texts(&svg)[1], "2 of 5 wrong; those first");
    let (_, pixels) = check(&grid);
    assert!(count(&pixels, BLUE) > 3 * 600 && count(&pixels, VERMILION) > 2 * 600);
    // The first picture is the fourth image.
    assert_eq!(embedded(&svg)[0][0], (12.0_f32 / 19.0 * 255.0).round() as u8);

    assert_eq!(ImageGrid::predictions(&images, &scores, &labels, &names, 3)?.len(), 3);
    let numbers = ImageGrid::predictions(&images, &scores, &labels, &[""; 0], 1)?;
    assert_eq!(texts(&numbers.svg()?).pop().unwrap(), "is 0");
    let nobody = ImageGrid::predictions(&images, &scores, &labels, &["cat"], 1);
    assert!(message(nobody).contains("got 1 names for 2 classes"));
    let other = ImageGrid::predictions(&images, &scores, &Tensor::vector([0]), &names, 1);
    assert!(message(other).contains("labels [1], wanted [N, C, H, W], [N, classes] and [N]"));
    let flat = ImageGrid::predictions(&images.flatten(1)?, &scores, &labels, &names, 1);
    assert!(message(flat).contains("got an image of shape [4], wanted [H, W]"));
    Ok(())
}

#[test]
fn maps_and_filters_have_one_scale() -> Result<()> {
    let maps = Tensor::from_vec(vec![0.0, 1.0, -1.0, 2.0, f64::NAN, 0.0], [2, 1, 3])?;
    let grid = ImageGrid::feature_maps(&maps)?;
    let found = embedded(&grid.svg()?);
    assert_eq!(&found[0][..9], [&[255; 3][..], &BLUE, &VERMILION].concat(), "0, half, minus half");
    assert!(found[1][0] < 60 && found[1][3..] == [255; 6], "the largest is dark, NaN is nothing");
    assert!(texts(&grid.svg()?)[1].starts_with("2 channels of 1 × 3; white is 0"));

    let rgb = Tensor::from_vec(vec![-0.5_f32, 0.0, 0.5], [1, 3, 1, 1])?;
    assert_eq!(embedded(&ImageGrid::filters(&rgb)?.svg()?), [[0, 128, 255]]);
    assert_eq!(ImageGrid::filters(&Tensor::<f32>::ones([4, 2, 3, 3]))?.len(), 8);
    let zeros = ImageGrid::filters(&Tensor::<f32>::zeros([1, 1, 2, 2]))?;
    assert_eq!(embedded(&zeros.svg()?), [[255; 12]]);
    let text = message(ImageGrid::filters(&Tensor::<f32>::zeros([64, 64, 3, 3])));
    assert!(text.contains("got 2048 pictures and one more"), "{text}");
    let text = message(ImageGrid::filters(&Tensor::<f32>::zeros([3])));
    assert!(text.contains("got shape [3], wanted [filters, channels, height, width]"), "{text}");
    let text = message(ImageGrid::feature_maps(&Tensor::<f32>::zeros([1, 2, 3, 3])));
    assert!(text.contains("wanted [channels, height, width]"), "{text}");
    Ok(())
}

#[test]
fn heat_lies_where_the_map_is_high() -> Result<()> {
    let images = Tensor::full([2, 3, 4, 4], 0.4);
    let map = Tensor::from_vec(vec![0.0_f32, 3.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0], [2, 2, 2])?;
    let lines = ["cat", "dog"];
    let grid = ImageGrid::heat_maps(&images, &[("CAM", &map)], &lines)?;
    let found = embedded(&grid.svg()?);
    let pixel = |i: usize, at: usize| [0, 1, 2].map(|c| found[i][3 * at + c]);
    assert_eq!((found.len(), pixel(0, 5)), (4, [102; 3]));
    let warm = pixel(1, 3);
    assert!(warm[0] > 180 && warm[2] < 40, "upper right is vermilion: {warm:?}");
    assert_eq!((pixel(1, 12), pixel(1, 15)), ([102; 3], [102; 3]), "nothing is the picture itself");
    assert!(found[3].iter().all(|&c| c == 102), "a map of zeros is no heat");
    assert_eq!(texts(&grid.svg()?)[1..], ["cat", "CAM", "dog", "CAM"]);

    let none: [&str; 0] = [];
    let text = message(ImageGrid::heat_maps(&images, &[("CAM", &map.slice(0, 0..1)?)], &none));
    assert!(text.contains("got maps [1, 2, 2], wanted [2, h, w]"), "{text}");
    let text = message(ImageGrid::heat_maps(&images, &[("CAM", &map)], &["cat"]));
    assert!(text.contains("images [2, 3, 4, 4] and 1 lines"), "{text}");
    Ok(())
}

#[test]
fn masks_colour_their_pixels_alone() -> Result<()> {
    let images = Tensor::zeros([1, 1, 1, 3]);
    let mask = Tensor::from_vec(vec![0, 1, 2], [1, 1, 3])?;
    let found = embedded(&ImageGrid::masks(&images, &[("found", &mask)])?.svg()?);
    assert_eq!(found[0], [0; 9]);
    assert_eq!(found[1], [0, 0, 0, 0, 74, 116, 138, 61, 0]);
    let text = message(ImageGrid::masks(&images, &[("found", &mask.reshape([1, 3, 1])?)]));
    assert!(text.contains("got classes [1, 3, 1] for [1, 1, 1, 3]"), "{text}");
    Ok(())
}

/// Points with given variances along directions that are turned.
fn cloud(n: usize, deviations: &[f64]) -> Result<Tensor<f64>> {
    let dim = deviations.len();
    let mut rng = Rng::new(3);
    let along = Tensor::normal([n, dim], 0.0, 1.0, &mut rng)?;
    let along = along.mul(&Tensor::vector(deviations))?;
    Ok(along.matmul(&Tensor::normal([dim, dim], 0.0, 1.0, &mut rng)?)?)
}

#[test]
fn components_are_those_of_the_covariance() -> Result<()> {
    let deviations: Vec<f64> = (0..40).map(|i| 1.0 + f64::from(i % 7)).collect();
    let points = cloud(300, &deviations)?;
    let pca = Pca::of(&points, 3)?;
    let x = points.sub(&points.mean_axes(&[0], true)?)?;
    let covariance = x.transpose(0, 1)?.matmul(&x)?.map(|v: f64| v / 299.0);
    for i in 0..3 {
        // C v = λ v, and rows are orthonormal.
        let v = pca.components.slice(0, i..i + 1)?.transpose(0, 1)?;
        let image = covariance.matmul(&v)?;
        let off = image.sub(&v.map(|c: f64| pca.variances[i] * c))?.abs().max()?.item()?;
        assert!(off < 1e-4 * pca.variances[i], "{off} of {}", pca.variances[i]);
        for j in 0..3 {
            let dot = pca.components.slice(0, j..j + 1)?.matmul(&v)?.item()?;
            assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-12, "{i} {j}: {dot}");
        }
    }
    let trace: f64 = (0..40).map(|i| covariance.get([i, i])).sum::<Result<f64, _>>()?;
    assert!((pca.total - trace).abs() < 1e-9 * trace);
    assert!(
        pca.shares().windows(2).all(|w| w[0] >= w[1]) && pca.shares().iter().sum::<f64>() < 1.0
    );
    // All components together hold everything.
    let all = Pca::of(&points, 40)?;
    assert!((all.shares().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let back = all.project(&points)?.matmul(&all.components)?.add(&all.mean)?;
    assert!(back.sub(&points)?.abs().max()?.item()? < 1e-9);
    Ok(())
}

#[test]
fn components_of_few_or_equal_points() -> Result<()> {
    let two = Tensor::from_vec(vec![1.0_f32, 1.0, 5.0, 3.0, 1.0, 5.0], [2, 3])?;
    let pca = Pca::of(&two, 3)?;
    assert!((pca.variances[0] - 2.0).abs() < 1e-12 && pca.variances[1].abs() < 1e-12);
    assert_eq!(pca.components.slice(0, 0..1)?.to_vec(), [1.0, 0.0, 0.0]);
    let same = Pca::of(&Tensor::<f32>::ones([5, 4]), 2)?;
    assert_eq!(same.shares(), [0.0, 0.0]);
    assert!(same.project(&Tensor::<f32>::ones([1, 4]))?.to_vec().iter().all(|v| *v == 0.0));
    let says = |result, wanted: &str| {
        let text = message(result);
        assert!(text.contains(wanted), "{text}");
    };
    says(Pca::of(&Tensor::<f32>::ones([1, 4]), 2), "got shape [1, 4], wanted points [N, D]");
    says(Pca::of(&two, 4), "got k = 4, wanted 1 to 3");
    says(Pca::of(&two, 0), "got k = 0");
    says(Pca::of(&Tensor::full([2, 2], f32::NAN), 1), "points with a NaN");
    Ok(())
}

#[test]
fn a_plane_shows_every_point_and_names_its_axes() -> Result<()> {
    let points = cloud(600, &[5.0, 2.0, 0.1])?;
    let classes = Tensor::arange(600).map(|i: i64| i % 20);
    let names: Vec<String> = (0..20).map(|i| format!("class {i}")).collect();
    let plane = Plane::new(&points, &classes, &names)?.title("Points");
    let (texts, pixels) = check(&plane);
    assert!(
        texts.iter().any(|t| t.starts_with("component 1 (") && t.ends_with("% of the variance)"))
    );
    assert!(texts.contains(&"600 points of 3 numbers".into()));
    // At its mean and in the legend.
    assert_eq!(texts.iter().filter(|t| *t == "class 17").count(), 2);
    assert!(count(&pixels, BLUE) > 500 && count(&pixels, VERMILION) > 500);
    check(&Plane::new(&points.slice(1, 0..1)?, &classes, &names)?);
    check(&Plane::new(&Tensor::<f32>::ones([3, 4]), &Tensor::vector([0, 0, 1]), &["a", "b"])?);
    let many = Plane::new(&cloud(9000, &[1.0, 2.0])?, &Tensor::zeros([9000]), &["all"])?;
    assert!(check(&many).0.contains(&"3,000 of 9,000 points of 2 numbers".into()));

    let says = |result, wanted: &str| {
        let text = message(result);
        assert!(text.contains(wanted), "{text}");
    };
    says(Plane::new(&points, &Tensor::vector([0]), &names), "got classes [1] for points [600, 3]");
    says(Plane::new(&points, &classes, &names[..5]), "got class 5, wanted one that has a name");
    let many: Vec<String> = (0..25).map(|i| i.to_string()).collect();
    says(Plane::new(&points, &classes, &many), "got 25 names, wanted at most 24");
    Ok(())
}
