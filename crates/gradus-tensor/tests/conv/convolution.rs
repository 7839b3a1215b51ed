//! Convolution and its gradients against the definition, in every layout and on any number of threads.

use gradus_tensor::{
    Conv2dSpec, Float, Pool2dSpec, Result, Tensor, avg_pool2d, avg_pool2d_grad, conv2d,
    conv2d_input_grad, conv2d_weight_grad, max_pool2d, max_pool2d_gather, max_pool2d_grad, threads,
};

use crate::cases::*;

fn convolution_is_its_definition<T: Float>() -> Result<()> {
    for (i, case) in cases().into_iter().enumerate() {
        let what = format!("{} {:?} {:?} {:?}", T::NAME, case.x, case.w, case.spec);
        let x = normal::<T>(case.x, 3 * i as u64);
        let w = normal::<T>(case.w, 3 * i as u64 + 1);
        let grad = normal::<T>(case.output(), 3 * i as u64 + 2);
        let (xs, ws, grads) = (doubles(&x), doubles(&w), doubles(&grad));
        let mut y = vec![0.0; grad.len()];
        let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        case.products(|at_y, at_x, at_w| {
            y[at_y] += xs[at_x] * ws[at_w];
            dx[at_x] += grads[at_y] * ws[at_w];
            dw[at_w] += grads[at_y] * xs[at_x];
        });
        let got = conv2d(&x, &w, &case.spec)?;
        let got_dx = conv2d_input_grad(&grad, &w, &case.x, &case.spec)?;
        let got_dw = conv2d_weight_grad(&x, &grad, &case.w, &case.spec)?;
        let terms = w.len() / case.w[0].max(1);
        assert_eq!(got.shape(), case.output(), "{what}");
        assert_near(&got, &y, terms, &what);
        assert_near(&got_dx, &dx, case.w[0] * case.w[2] * case.w[3], &what);
        let pixels = case.output()[0] * case.output()[2] * case.output()[3];
        assert_near(&got_dw, &dw, pixels, &what);
        [&got, &got_dx, &got_dw].into_iter().for_each(assert_channels_last);

        // <conv(x, w), g> = <x, input_grad(g, w)> = <w, weight_grad(x, g)>
        let scale = T::EPSILON.to_f64() * 16.0 * (1.0 + (y.len() as f64).sqrt() * terms as f64);
        let inner = total_product(&got, &grad);
        assert!((inner - total_product(&got_dx, &x)).abs() <= scale, "{what}");
        assert!((inner - total_product(&got_dw, &w)).abs() <= scale, "{what}");

        if x.len() > 10_000 {
            continue;
        }
        let (w2, grad2) = (layouts(&w), layouts(&grad));
        for (k, x) in layouts(&x).into_iter().enumerate() {
            assert_eq!(conv2d(&x, &w2[k], &case.spec)?, got, "{what}");
            assert_eq!(conv2d_input_grad(&grad2[k], &w2[k], &case.x, &case.spec)?, got_dx);
            assert_eq!(conv2d_weight_grad(&x, &grad2[k], &case.w, &case.spec)?, got_dw);
        }
    }
    Ok(())
}

#[test]
fn convolution_is_its_definition_in_single_precision() -> Result<()> {
    convolution_is_its_definition::<f32>()
}

#[test]
fn convolution_is_its_definition_in_double_precision() -> Result<()> {
    convolution_is_its_definition::<f64>()
}

#[test]
fn any_number_of_threads_gives_the_same_bits() -> Result<()> {
    let specs = [
        ([40, 16, 16, 16], [16, 16, 3, 3], 1, 1),
        ([40, 64, 12, 12], [32, 64, 1, 1], 0, 1),
        ([40, 64, 12, 12], [64, 1, 3, 3], 1, 64),
        ([40, 32, 12, 12], [32, 8, 3, 3], 1, 4),
    ];
    for (x_shape, w_shape, padding, groups) in specs {
        let case = case(x_shape, w_shape, 1, padding, 1, groups);
        let (x, w) = (normal::<f32>(x_shape, 1), normal::<f32>(w_shape, 2));
        let grad = normal::<f32>(case.output(), 3);
        let run = |count: usize| {
            threads::with_count(count, || -> Result<Vec<Vec<u32>>> {
                let pool = Pool2dSpec::new(3).stride(2).padding(1);
                let (max, places) = max_pool2d(&x, &pool)?;
                let avg = avg_pool2d(&x, &pool)?;
                let (mean, var) = x.mean_var(&[0, 2, 3], true)?;
                let (mean2, var2) = x.channels_last()?.mean_var(&[0, 2, 3], true)?;
                let results = [
                    conv2d(&x, &w, &case.spec)?,
                    conv2d_input_grad(&grad, &w, x.shape(), &case.spec)?,
                    conv2d_weight_grad(&x, &grad, w.shape(), &case.spec)?,
                    max_pool2d_grad(&max, &places, x.shape())?,
                    max_pool2d_gather(&x, &places)?,
                    avg_pool2d_grad(&avg, x.shape(), &pool)?,
                    max,
                    avg,
                    mean,
                    var,
                    mean2,
                    var2,
                ];
                Ok(results
                    .iter()
                    .map(|r| r.to_vec().iter().map(|x| x.to_bits()).collect())
                    .collect())
            })?
        };
        let one = run(1)?;
        assert!(run(2)? == one && run(4)? == one, "{x_shape:?} {w_shape:?}");
    }
    Ok(())
}

#[test]
fn wrong_convolutions_say_what_is_wrong() {
    let x = Tensor::<f32>::zeros([2, 3, 8, 8]);
    let w = |shape: Shape| Tensor::<f32>::zeros(shape);
    let spec = Conv2dSpec::new();
    let huge = usize::MAX;
    let conv = |w: &Tensor, spec: Conv2dSpec| conv2d(&x, w, &spec).unwrap_err().to_string();
    let ok = w([4, 3, 3, 3]);
    let table = [
        (
            conv(&w([4, 4, 3, 3]), spec),
            "conv2d: got shape [2, 3, 8, 8], wanted 4 × 1 channels on axis 1, as the weights \
             [4, 4, 3, 3] take in 1 group",
        ),
        (conv(&w([4, 2, 3, 3]), spec.groups(2)), "wanted 2 × 2 channels"),
        (conv(&w([4, 1, 3, 3]), spec.groups(3)), "a multiple of the 3 groups"),
        (conv(&ok, spec.groups(0)), "got groups 0, wanted at least 1"),
        (conv(&ok, spec.groups(huge)), "conv2d: got shape [2, 3, 8, 8]"),
        (conv(&ok, spec.stride([1, 0])), "got stride 0 on axis 3"),
        (conv(&ok, spec.dilation([0, 1])), "got dilation 0 on axis 2"),
        (conv(&w([4, 3, 0, 3]), spec), "got kernel 0 on axis 2"),
        (
            conv(&w([4, 3, 3, 9]), spec),
            "got a kernel that spans 9 on axis 3, wanted at most 8: size 8 with padding 0 each side",
        ),
        (conv(&ok, spec.dilation([4, 1])), "got a kernel that spans 9 on axis 2"),
        (conv(&ok, spec.padding([huge, 0])), "wanted at most 3, the span of the kernel"),
        (
            conv(&ok, spec.padding([[0, 4], [0, 0]])),
            "conv2d: got padding 4 after axis 2, wanted at most 3, the span of the kernel",
        ),
        (conv(&ok, spec.padding([[0, 0], [4, 0]])), "got padding 4 before axis 3"),
        (
            conv(&w([4, 3, 3, 9]), spec.padding([[0, 0], [0, 0]]).dilation([1, 2])),
            "got a kernel that spans 17 on axis 3, wanted at most 8",
        ),
        (
            conv(&w([4, 3, 3, 10]), spec.padding([[0, 0], [1, 0]])),
            "wanted at most 9: size 8 with padding 1 and 0",
        ),
        (conv(&ok, spec.dilation([1, huge])), "whose span memory can hold"),
        (
            conv2d(&x.slice(0, 0..1).unwrap().squeeze(0).unwrap(), &ok, &spec)
                .unwrap_err()
                .to_string(),
            "conv2d: got shape [3, 8, 8], wanted four axes [N, C, H, W]",
        ),
        (
            conv2d(&x, &Tensor::zeros([3]), &spec).unwrap_err().to_string(),
            "wanted four axes [O, C / groups, kh, kw] of weights",
        ),
        (
            conv2d_input_grad(&w([2, 4, 6, 5]), &ok, x.shape(), &spec).unwrap_err().to_string(),
            "conv2d_input_grad: got shape [2, 4, 6, 5], wanted [2, 4, 6, 6]",
        ),
        (
            conv2d_input_grad(&w([2, 4, 6, 6]), &ok, &[huge, 3, 8, huge], &spec)
                .unwrap_err()
                .to_string(),
            "has more elements than memory can hold",
        ),
        (
            conv2d_weight_grad(&x, &w([2, 4, 6, 6]), &[4, 3, 3], &spec).unwrap_err().to_string(),
            "conv2d_weight_grad: got shape [4, 3, 3], wanted four axes",
        ),
        (
            conv2d_weight_grad(&x, &w([2, 4, 6, 6]), &[4, 3, 3, 2], &spec).unwrap_err().to_string(),
            "wanted [2, 4, 6, 7]",
        ),
    ];
    for (message, expected) in table {
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }
}
