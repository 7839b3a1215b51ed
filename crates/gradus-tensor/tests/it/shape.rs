//! Views: what they show, and that they copy only where they must.

use gradus_tensor::{Element, Rng, Tensor};

use super::common::{SHAPES, built, indices, layouts, random};

/// Whether two tensors look at the same memory.
fn shares<T: Element>(x: &Tensor<T>, y: &Tensor<T>) -> bool {
    x.view().as_ptr() == y.view().as_ptr()
}

#[test]
fn every_way_to_read_agrees() {
    let mut rng = Rng::new(30);
    for &shape in SHAPES {
        for (name, x) in layouts::<f64>(shape, &mut rng) {
            let values: Vec<f64> = indices(shape).iter().map(|i| x.get(i).unwrap()).collect();
            assert_eq!(x.to_vec(), values, "{name}");
            assert_eq!(x.view().iter().copied().collect::<Vec<_>>(), values, "{name}");
            assert_eq!(x.contiguous().as_slice().unwrap(), values, "{name}");
            assert_eq!(x.clone().as_mut_slice(), values, "{name}");
            assert_eq!(Tensor::from(x.view()), x, "{name}");
            assert_eq!(Tensor::from(x.to_ndarray()), x, "{name}");
            assert_eq!(x.len(), values.len());
        }
    }
}

#[test]
fn views_agree_with_ndarray() {
    let mut rng = Rng::new(31);
    for (name, x) in layouts::<i64>(&[4, 3, 5], &mut rng) {
        let array = x.to_ndarray();
        use gradus_tensor::ndarray::{Axis, Slice};
        let sliced = array.slice_axis(Axis(2), Slice::from(1..5).step_by(3));
        assert_eq!(x.slice_step(-1, 1..5, 3).unwrap().view(), sliced, "{name}");
        let turned = array.view().permuted_axes(vec![2, 0, 1]);
        assert_eq!(x.permute(&[2, 0, -2]).unwrap().view(), turned, "{name}");
        let mut flipped = array.view();
        flipped.invert_axis(Axis(0));
        assert_eq!(x.flip(0).unwrap().view(), flipped, "{name}");
        assert_eq!(x.index(1, 2).unwrap().view(), array.index_axis(Axis(1), 2), "{name}");
        let front = array.view().permuted_axes(vec![1, 2, 0]);
        assert_eq!(x.move_axis(0, -1).unwrap().view(), front, "{name}");
        let wide = array.view().insert_axis(Axis(3));
        assert_eq!(x.unsqueeze(-1).unwrap().view(), wide, "{name}");
        assert_eq!(x.unsqueeze(-1).unwrap().squeeze(3).unwrap(), x, "{name}");
    }
}

#[test]
fn slices_at_the_edges() {
    let x = Tensor::<i64>::arange(4);
    assert_eq!(x.slice(0, 4..).unwrap().len(), 0);
    assert_eq!(x.slice(0, ..=1).unwrap().to_vec(), [0, 1]);
    assert_eq!(x.slice_step(0, .., usize::MAX).unwrap().to_vec(), [0]);
    assert_eq!(x.slice_step(0, 2..2, usize::MAX).unwrap().len(), 0);
    let rows = Tensor::<i64>::arange(6).reshape([2, 3]).unwrap();
    assert_eq!(rows.slice_step(0, .., isize::MAX as usize).unwrap().to_vec(), [0, 1, 2]);
    assert!(x.slice(0, ..=usize::MAX).is_err());
    let nothing = x.slice(0, 4..).unwrap().flip(0).unwrap();
    assert_eq!(nothing.add(&nothing).unwrap().sum().item().unwrap(), 0);
}

#[test]
fn reshape_on_every_layout() {
    let mut rng = Rng::new(32);
    let shapes: [&[usize]; 6] =
        [&[24], &[4, 6], &[2, 3, 4], &[6, 1, 4], &[1, 2, 12], &[3, 2, 2, 2]];
    for from in shapes {
        for (name, x) in layouts::<i64>(from, &mut rng) {
            for to in shapes {
                let y = x.reshape(to).unwrap();
                assert_eq!((y.shape(), y.to_vec()), (to, x.to_vec()), "{name} to {to:?}");
            }
        }
    }
    for (_, x) in layouts::<i64>(&[0, 3], &mut rng) {
        assert_eq!(x.reshape([3, 7, 0]).unwrap().shape(), [3, 7, 0]);
    }
    assert_eq!(Tensor::scalar(1.0).reshape([1, 1]).unwrap().shape(), [1, 1]);
}

#[test]
fn reshape_copies_only_where_strides_cannot_say_it() {
    let x = Tensor::<i64>::arange(24).reshape([2, 3, 4]).unwrap();
    assert!(shares(&x, &x.reshape([6, 4]).unwrap()));
    assert!(shares(&x, &x.flatten(0).unwrap()));
    let turned = x.permute(&[2, 0, 1]).unwrap();
    assert!(shares(&turned, &turned.reshape([4, 6]).unwrap()), "the last two axes still join");
    assert!(shares(&turned, &turned.reshape([2, 2, 1, 6]).unwrap()), "an axis may be cut");
    assert!(!shares(&turned, &turned.reshape([24]).unwrap()));
    let half = x.slice(2, ..2).unwrap();
    assert!(shares(&half, &half.reshape([6, 2]).unwrap()));
    assert!(!shares(&half, &half.reshape([12]).unwrap()));
    let row = Tensor::<i64>::arange(4).expand([3, 4]).unwrap();
    assert!(shares(&row, &row.reshape([3, 2, 2]).unwrap()));
    assert!(!shares(&row, &row.reshape([12]).unwrap()));
}

#[test]
fn views_copy_nothing() {
    let x = random::<f32>(&[3, 4, 5], &mut Rng::new(33));
    assert!(shares(&x, &x.clone()));
    assert!(shares(&x, &x.contiguous()));
    assert!(shares(&x, &x.transpose(0, 2).unwrap()));
    assert!(shares(&x, &x.slice(1, ..2).unwrap()));
    assert!(shares(&x, &x.unsqueeze(0).unwrap().expand([7, 3, 4, 5]).unwrap()));
    let second = x.as_slice().unwrap()[20..].as_ptr();
    assert!(std::ptr::eq(x.slice(0, 1..).unwrap().view().as_ptr(), second));
    let huge = Tensor::scalar(1.0).expand([1 << 20, 1 << 20]).unwrap();
    assert_eq!(huge.get([1 << 19, 7]).unwrap(), 1.0);
}

#[test]
fn channels_last_stays_channels_last() {
    let x = random::<f32>(&[2, 5, 6, 3], &mut Rng::new(34)).permute(&[0, 3, 1, 2]).unwrap();
    let bias = random::<f32>(&[3, 1, 1], &mut Rng::new(35));
    let strides = x.strides().to_vec();
    assert_eq!(x.exp().strides(), strides);
    assert_eq!(x.add(&bias).unwrap().strides(), strides);
    assert_eq!(bias.add(&x).unwrap().strides(), strides);
    assert_eq!(x.zeros_like().strides(), strides);
    // A repeated operand has no order of its own to impose.
    let repeated = bias.expand([2, 3, 5, 6]).unwrap();
    assert_eq!(repeated.add(&x).unwrap().strides(), strides);
    assert_eq!(repeated.exp().strides(), [90, 30, 6, 1]);
    assert_eq!(x.sum_axes(&[0, 2, 3], true).unwrap().shape(), [1, 3, 1, 1]);
}

#[test]
fn creation() {
    assert_eq!(Tensor::<f32>::zeros([2, 0]).len(), 0);
    assert_eq!(Tensor::<u8>::ones([2, 2]).to_vec(), [1; 4]);
    assert_eq!(Tensor::<f64>::eye(3), built(&[3, 3], |i| f64::from(u8::from(i[0] == i[1]))));
    assert_eq!(Tensor::linspace(0.0_f32, 1.0, 1).to_vec(), [0.0]);
    assert_eq!(Tensor::linspace(1.0_f32, -1.0, 5).to_vec(), [1.0, 0.5, 0.0, -0.5, -1.0]);
    assert_eq!(Tensor::<f32>::arange(0).len(), 0);
    assert_eq!(Tensor::scalar(true).rank(), 0);
    assert_eq!(Tensor::<f32>::eye(0).shape(), [0, 0]);
}
