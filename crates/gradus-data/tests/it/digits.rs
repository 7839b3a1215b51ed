//! The embedded digits.

use gradus_data::{Dataset, Digits};

/// Counted from the file of scikit-learn 1.9 with `zcat digits.csv.gz | cut -d, -f65 | sort | uniq -c`.
const COUNTS: [usize; 10] = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];

#[test]
fn the_digits_are_all_there() {
    let digits = Digits::load().unwrap();
    assert_eq!(digits.len(), 1797);
    assert_eq!(digits.images().class_counts(), COUNTS);
    assert_eq!(digits.class_names(), Digits::CLASS_NAMES);
    let all = digits.images().images();
    assert_eq!(all.shape(), [1797, 1, 8, 8]);
    assert_eq!((all.min().unwrap().item().unwrap(), all.max().unwrap().item().unwrap()), (0., 1.));
    // Sixteenths are exact, so the sum tells of any changed pixel.
    let sum: f64 = all.to_vec().iter().map(|&x| f64::from(x) * 16.0).sum();
    assert_eq!(sum, SUM);
}

/// `zcat digits.csv.gz | awk -F, '{for(i=1;i<65;i++)s+=$i}END{print s}'`
const SUM: f64 = 561718.0;

#[test]
fn the_first_digit_is_a_zero() {
    let (image, label) = Digits::load().unwrap().get(0).unwrap();
    assert_eq!((image.shape(), label), (&[1, 8, 8][..], 0));
    let row: Vec<f32> = image.to_vec()[..8].iter().map(|x| x * 16.0).collect();
    assert_eq!(row, [0., 0., 5., 13., 9., 1., 0., 0.]);
}

#[test]
fn beyond_the_end_is_an_error() {
    let error = crate::message(Digits::load().unwrap().get(1797));
    assert!(error.contains("item 1797 of a data set of 1797 items"), "{error}");
}
