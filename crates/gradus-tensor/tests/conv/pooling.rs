//! Pooling against loops that anyone can check.

use gradus_tensor::{
    Pool2dSpec, Result, Tensor, avg_pool2d, avg_pool2d_grad, max_pool2d, max_pool2d_gather,
    max_pool2d_grad,
};

use crate::cases::*;

/// The windows of a pooling: for each output the places in its image that it sees.
fn windows(shape: Shape, spec: &Pool2dSpec) -> (Shape, Vec<Vec<usize>>) {
    let (kernel, stride, padding) = (spec.kernels(), spec.strides(), spec.paddings());
    let size =
        |i: usize| (shape[2 + i] + padding[i][0] + padding[i][1] - kernel[i]) / stride[i] + 1;
    let seen = |o: usize, i: usize| -> Vec<usize> {
        (0..kernel[i])
            .filter_map(|k| (o * stride[i] + k).checked_sub(padding[i][0]))
            .filter(|&at| at < shape[2 + i])
            .collect()
    };
    let mut all = Vec::new();
    for row in 0..size(0) {
        for column in 0..size(1) {
            let across = seen(column, 1);
            let line = |r: usize| across.iter().map(move |c| r * shape[3] + c).collect::<Vec<_>>();
            all.push(seen(row, 0).into_iter().flat_map(line).collect());
        }
    }
    ([shape[0], shape[1], size(0), size(1)], all)
}

fn pools() -> Vec<(Shape, Pool2dSpec)> {
    let pool = |kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2]| {
        Pool2dSpec::new(kernel).stride(stride).padding(padding)
    };
    vec![
        ([2, 3, 6, 8], Pool2dSpec::new([2, 2])),
        ([1, 1, 7, 5], Pool2dSpec::new([2, 2])),
        ([2, 37, 9, 7], pool([3, 3], [2, 2], [1, 1])),
        ([3, 2, 5, 9], pool([2, 4], [1, 3], [0, 2])),
        ([2, 4, 6, 6], pool([1, 1], [2, 2], [0, 0])),
        ([0, 4, 6, 6], Pool2dSpec::new([2, 2])),
        ([2, 0, 6, 6], Pool2dSpec::new([2, 2])),
        ([1, 2, 4, 4], Pool2dSpec::new([4, 4])),
        ([1, 3, 1, 1], pool([2, 2], [2, 2], [1, 1])),
        ([9, 40, 20, 19], pool([3, 2], [1, 2], [1, 0])),
        ([2, 3, 6, 7], Pool2dSpec::new(2).padding([[0, 1], [1, 0]])),
        ([1, 5, 8, 6], Pool2dSpec::new([3, 4]).stride(2).padding([[1, 0], [0, 2]])),
    ]
}

#[test]
fn max_pooling_is_its_definition() -> Result<()> {
    for (shape, spec) in pools() {
        // Few different values, so that there are ties.
        let x = normal::<f32>(shape, 7).map(|x| (x * 2.0).round());
        let (out, windows) = windows(shape, &spec);
        let values = x.to_vec();
        let plane = shape[2] * shape[3];
        let (mut best, mut places) = (Vec::new(), Vec::new());
        for image in 0..shape[0] * shape[1] {
            for window in &windows {
                let value = |&p: &usize| values[image * plane + p];
                let first =
                    window.iter().copied().reduce(|a, b| if value(&b) > value(&a) { b } else { a });
                let first = first.unwrap();
                best.push(f64::from(value(&first)));
                places.push(first as i64);
            }
        }
        let (y, indices) = max_pool2d(&x, &spec)?;
        assert_eq!((y.shape(), indices.shape()), (&out[..], &out[..]));
        assert_near(&y, &best, 0, "max_pool2d");
        assert_eq!(indices.to_vec(), places, "{shape:?} {spec:?}");
        assert_channels_last(&y);
        assert_channels_last(&indices);
        assert_eq!(max_pool2d_gather(&x, &indices)?, y);

        let grad = normal::<f32>(out, 8);
        let mut expected = vec![0.0; x.len()];
        for (i, (g, place)) in doubles(&grad).into_iter().zip(&places).enumerate() {
            expected[i / windows.len() * plane + *place as usize] += g;
        }
        let got = max_pool2d_grad(&grad, &indices, &shape)?;
        assert_near(&got, &expected, spec.kernels()[0] * spec.kernels()[1], "max_pool2d_grad");
        assert_channels_last(&got);
        for (x, grad) in layouts(&x).into_iter().zip(layouts(&grad)) {
            assert_eq!(max_pool2d(&x, &spec)?, (y.clone(), indices.clone()));
            assert_eq!(max_pool2d_gather(&x, &indices.contiguous())?, y);
            assert_eq!(max_pool2d_grad(&grad, &indices.contiguous(), &shape)?, got);
        }
    }
    Ok(())
}

#[test]
fn avg_pooling_is_its_definition() -> Result<()> {
    for (shape, spec) in pools() {
        let x = normal::<f64>(shape, 7);
        let (out, windows) = windows(shape, &spec);
        let grad = normal::<f64>(out, 8);
        let (values, grads) = (x.to_vec(), grad.to_vec());
        let (plane, taps) = (shape[2] * shape[3], (spec.kernels()[0] * spec.kernels()[1]) as f64);
        let (mut y, mut dx) = (vec![0.0; grads.len()], vec![0.0; values.len()]);
        for image in 0..shape[0] * shape[1] {
            for (o, window) in windows.iter().enumerate() {
                for p in window {
                    y[image * windows.len() + o] += values[image * plane + p] / taps;
                    dx[image * plane + p] += grads[image * windows.len() + o] / taps;
                }
            }
        }
        let got = avg_pool2d(&x, &spec)?;
        assert_eq!(got.shape(), out);
        assert_near(&got, &y, 1, "avg_pool2d");
        let got_dx = avg_pool2d_grad(&grad, &shape, &spec)?;
        assert_near(&got_dx, &dx, 1, "avg_pool2d_grad");
        assert_channels_last(&got);
        assert_channels_last(&got_dx);
        for (x, grad) in layouts(&x).into_iter().zip(layouts(&grad)) {
            assert_eq!(avg_pool2d(&x, &spec)?, got);
            assert_eq!(avg_pool2d_grad(&grad, &shape, &spec)?, got_dx);
        }
    }
    Ok(())
}

#[test]
fn a_nan_wins_and_minus_infinity_has_a_place() -> Result<()> {
    let (nan, low) = (f32::NAN, f32::NEG_INFINITY);
    let x = Tensor::from_vec(vec![1.0, nan, 9.0, 2.0, low, low, low, low], [1, 2, 2, 2])?;
    let (y, places) = max_pool2d(&x, &Pool2dSpec::new([2, 2]))?;
    assert!(y.get([0, 0, 0, 0])?.is_nan());
    assert_eq!((y.get([0, 1, 0, 0])?, places.to_vec()), (low, vec![1, 0]));
    Ok(())
}

#[test]
fn wrong_poolings_say_what_is_wrong() -> Result<()> {
    let x = Tensor::<f32>::zeros([1, 2, 4, 4]);
    let new = |kernel: [usize; 2]| Pool2dSpec::new(kernel);
    let max = |spec: Pool2dSpec| max_pool2d(&x, &spec).unwrap_err().to_string();
    let (_, places) = max_pool2d(&x, &new([2, 2]))?;
    let bad = Tensor::from_vec(vec![0, 15, 16, -1, 3, 3, 3, 3], [1, 2, 2, 2])?;
    let grad = Tensor::<f32>::zeros([1, 2, 2, 2]);
    let text = |e: gradus_tensor::Error| e.to_string();
    let table = [
        (max(new([0, 2])), "max_pool2d: got kernel 0 on axis 2, wanted at least 1"),
        (max(new([2, 2]).stride([1, 0])), "got stride 0 on axis 3"),
        (
            max(new([3, 3]).padding([2, 0])),
            "got padding 2 before axis 2, wanted at most half of the kernel 3",
        ),
        (max(new([3, 3]).padding([[1, 1], [0, 2]])), "max_pool2d: got padding 2 after axis 3"),
        (max(new([5, 1])), "got a kernel that spans 5 on axis 2, wanted at most 4"),
        (max(new([1, usize::MAX])), "on axis 3"),
        (
            avg_pool2d(&Tensor::<f32>::zeros([2, 4, 4]), &new([2, 2])).map_err(text).unwrap_err(),
            "avg_pool2d: got shape [2, 4, 4], wanted four axes [N, C, H, W]",
        ),
        (
            avg_pool2d(&Tensor::<f32>::zeros([1, 2, 0, 4]), &new([1, 1]))
                .map_err(text)
                .unwrap_err(),
            "wanted images of at least one pixel",
        ),
        (
            avg_pool2d_grad(&grad, &[1, 2, 8, 4], &new([2, 2])).map_err(text).unwrap_err(),
            "avg_pool2d_grad: got shape [1, 2, 2, 2], wanted [1, 2, 4, 2]",
        ),
        (
            max_pool2d_grad(&grad, &bad, x.shape()).map_err(text).unwrap_err(),
            "max_pool2d_grad: got index -1, wanted a place from 0 to 15 in the image",
        ),
        (max_pool2d_gather(&x, &bad).map_err(text).unwrap_err(), "max_pool2d_gather: got index -1"),
        (
            max_pool2d_gather(&x.slice(1, 0..1)?, &places).map_err(text).unwrap_err(),
            "got shape [1, 2, 2, 2], wanted 1 images (axis 0) of 1 channels (axis 1)",
        ),
        (
            max_pool2d_grad(&grad, &places, &[1, 2, 0, 4]).map_err(text).unwrap_err(),
            "got shape [1, 2, 0, 4], wanted images of at least one pixel",
        ),
        (
            max_pool2d_grad(&x, &places, x.shape()).map_err(text).unwrap_err(),
            "got shape [1, 2, 4, 4], wanted [1, 2, 2, 2], the shape of the indices",
        ),
        (
            Tensor::vector([1.0]).channels_last().map_err(text).unwrap_err(),
            "channels_last: got shape [1], wanted at least two axes",
        ),
    ];
    for (message, expected) in table {
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }
    Ok(())
}
