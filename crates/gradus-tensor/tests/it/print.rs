//! What tensors look like in print.

use gradus_tensor::Tensor;

#[test]
fn elements_stand_in_nested_brackets() {
    let x = Tensor::from_vec(vec![1.0_f32, 2.5, -3.0, 4.0], [2, 2]).unwrap();
    assert_eq!(x.to_string(), "[[1, 2.5],\n [-3, 4]]");
    assert_eq!(x.transpose(0, 1).unwrap().to_string(), "[[1, -3],\n [2.5, 4]]");
    assert_eq!(format!("{x:.2}"), "[[1.00, 2.50],\n [-3.00, 4.00]]");
    assert_eq!(Tensor::scalar(7_i64).to_string(), "7");
    assert_eq!(Tensor::vector([true, false]).to_string(), "[true, false]");
    assert_eq!(Tensor::vector([f32::NAN, f32::INFINITY]).to_string(), "[NaN, inf]");
    assert_eq!(Tensor::<f32>::zeros([0]).to_string(), "[]");
}

#[test]
fn debugging_shows_type_and_shape() {
    let x = Tensor::<f64>::zeros([2, 1]);
    assert_eq!(format!("{x:?}"), "Tensor<f64>[2, 1]\n[[0],\n [0]]");
    assert_eq!(format!("{:?}", Tensor::scalar(1_u8)), "Tensor<u8>[] 1");
    assert_eq!(format!("{:?}", Tensor::<f32>::zeros([0, 3])), "Tensor<f32>[0, 3]\n[[]]");
}

#[test]
fn long_axes_are_cut_short() {
    let text = Tensor::<i64>::arange(1_000_000).to_string();
    assert!(text.starts_with("[0, 1, 2,") && text.contains("...") && text.ends_with("999999]"));
    assert!(text.len() < 1000, "{text}");
    let wide = Tensor::<f32>::zeros([200, 300, 400]).to_string();
    assert!(wide.contains("...") && wide.len() < 20_000, "{} characters", wide.len());
}
