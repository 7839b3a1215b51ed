//! Pictures in memory.

use gradus_data::Collate;
use gradus_data::vision::Image;
use gradus_tensor::Tensor;

use crate::{bytes, message, noisy, reference};

#[test]
fn grey_as_pillow_has_it() {
    let grey = noisy(16, 16, 3, 5).with_channels(1).unwrap();
    assert_eq!(grey.pixels(), bytes(&reference("luma")));
}

#[test]
fn channels() {
    let all =
        |image: &Image, channels| image.clone().with_channels(channels).unwrap().into_pixels();
    let rgba = Image::new([1, 1], 4, vec![10, 20, 30, 40]).unwrap();
    let grey = Image::new([1, 1], 2, vec![10, 40]).unwrap();
    assert_eq!([1, 2, 3].map(|c| all(&rgba, c)), [vec![18], vec![18, 40], vec![10, 20, 30]]);
    assert_eq!([1, 3, 4].map(|c| all(&grey, c)), [vec![10], vec![10; 3], vec![10, 10, 10, 40]]);
    assert!(message(rgba.clone().with_channels(5)).contains("channels = 5"));
    assert!(message(rgba.clone().with_channels(0)).contains("channels = 0"));
    assert_eq!(rgba.over(&[0, 0, 255]).unwrap().pixels(), [2, 3, 220]);
    assert!(message(grey.over(&[1, 2, 3])).contains("a background of 3 channels"));
}

#[test]
fn to_a_tensor_and_back() {
    for channels in 1..=4 {
        let image = noisy(4, 5, channels, 2);
        let x = image.to_tensor();
        assert_eq!(x.shape(), [channels, 4, 5]);
        let value = f32::from(image.pixel(2, 3).unwrap()[channels - 1]) / 255.0;
        assert_eq!(x.get([channels - 1, 2, 3]).unwrap(), value);
        assert_eq!(Image::from_tensor(&x).unwrap(), image);
    }
    let odd = Tensor::from_vec(vec![-1.0, 2.0, f32::NAN, 0.5], [1, 2, 2]).unwrap();
    assert_eq!(Image::from_tensor(&odd).unwrap().pixels(), [0, 255, 0, 128]);
    assert!(message(Image::from_tensor(&Tensor::zeros([4]))).contains("[C, H, W]"));
    assert!(Image::from_tensor(&Tensor::zeros([5, 1, 1])).is_err());
    assert!(Image::from_tensor(&Tensor::zeros([0, 1, 1])).is_err());
}

#[test]
fn batches() {
    let images = [noisy(4, 5, 3, 2), noisy(4, 5, 3, 3)];
    let batch = Collate::collate(images.to_vec()).unwrap();
    assert_eq!(batch.shape(), [2, 3, 4, 5]);
    let each: Vec<f32> = images.iter().flat_map(|image| image.to_tensor().to_vec()).collect();
    assert_eq!(batch.value().to_vec(), each);
    let mixed = vec![noisy(4, 5, 3, 2), noisy(4, 5, 1, 2)];
    assert!(message(Image::collate(mixed)).contains("item 1 of the batch has shape [1, 4, 5]"));
    assert!(message(Image::collate(vec![])).contains("no items"));
}

#[test]
fn what_is_no_picture() {
    for (size, channels, len) in [([2, 2], 3, 11), ([0, 2], 3, 0), ([2, 2], 0, 0), ([2, 2], 5, 20)]
    {
        assert!(Image::new(size, channels, vec![0; len]).is_err());
    }
    assert!(Image::new([usize::MAX, 2], 2, vec![0; 4]).is_err());
    assert!(Image::filled([usize::MAX, 2], &[0]).is_err());
    assert!(Image::filled([2, 2], &[]).is_err());
    let text = message(noisy(2, 3, 1, 1).pixel(2, 0).map(<[u8]>::to_vec));
    assert!(text.contains("row 2, column 0 of 2 rows x 3 columns"), "{text}");
}
