//! How far from the exact result, beside the direct sum.

use crate::conv::geometry::Geometry;
use crate::conv::window::pixels_of;
use crate::conv::{direct, winograd};
use crate::{Activation, Conv2dSpec, Rng, Tensor, conv2d, conv2d_input_grad, conv2d_weight_grad};

/// The result of a kernel that writes into a slice.
fn filled(size: usize, kernel: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let mut out = vec![f32::NAN; size];
    kernel(&mut out);
    out
}

/// The root of the mean square of the differences.
fn distance(x: &[f32], exact: &Tensor<f64>) -> f64 {
    let exact = pixels_of(exact);
    assert_eq!(x.len(), exact.len());
    let squares = x.iter().zip(exact).map(|(&x, y)| (f64::from(x) - y).powi(2));
    (squares.sum::<f64>() / x.len() as f64).sqrt()
}

#[test]
fn the_error_is_a_few_times_that_of_a_direct_sum() {
    let none = Activation::Identity;
    for (channels, size) in [(16, 32), (32, 16), (64, 8), (64, 14), (48, 13)] {
        let spec = Conv2dSpec::new().padding(1);
        let shapes = [vec![8, channels, size, size], vec![channels, channels, 3, 3]];
        let g = Geometry::new("test", &shapes[0], &shapes[1], &spec).unwrap();
        assert!(winograd::takes(&g), "{shapes:?}");
        let mut rng = Rng::new(7);
        let mut normal = |shape: &[usize]| {
            let x = Tensor::<f32>::normal(shape, 0.0, 1.0, &mut rng).unwrap();
            x.channels_last().unwrap()
        };
        let (x, w, grad) = (normal(&shapes[0]), normal(&shapes[1]), normal(&shapes[0]));
        let [x64, w64, grad64] = [&x, &w, &grad].map(|x| x.cast::<f64>());
        let exact = [
            conv2d(&x64, &w64, &spec),
            conv2d_input_grad(&grad64, &w64, x.shape(), &spec),
            conv2d_weight_grad(&x64, &grad64, w.shape(), &spec),
        ];
        let [x, w, grad] = [&x, &w, &grad].map(pixels_of);
        let pairs = [
            [
                filled(x.len(), |out| winograd::output(&g, x, w, None, none, out)),
                filled(x.len(), |out| direct::output::output(&g, x, w, None, none, out)),
            ],
            [
                filled(x.len(), |out| winograd::input(&g, grad, w, out)),
                filled(x.len(), |out| direct::input::input(&g, grad, w, out)),
            ],
            [
                filled(w.len(), |out| winograd::weights(&g, x, grad, out)),
                filled(w.len(), |out| direct::weights::weights(&g, x, grad, out)),
            ],
        ];
        for ((pair, exact), most) in pairs.iter().zip(exact).zip([3.0, 3.0, 5.0]) {
            let exact = exact.unwrap().channels_last().unwrap();
            let [here, there] = [&pair[0], &pair[1]].map(|x| distance(x, &exact));
            assert!(here < most * there, "{shapes:?}: {here} beside {there}");
        }
    }
}
