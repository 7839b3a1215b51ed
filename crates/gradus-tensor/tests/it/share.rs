//! Tensors share memory, and nobody sees another's changes.

use gradus_tensor::{Error, Rng, RngState, Tensor};

use super::common::{built, layouts};

#[test]
fn a_change_is_seen_by_one_tensor_only() {
    let mut rng = Rng::new(40);
    for (name, x) in layouts::<f32>(&[3, 4], &mut rng) {
        let before = x.to_vec();
        let (mut a, mut b, mut c, mut d) = (x.clone(), x.clone(), x.clone(), x.clone());
        a.as_mut_slice()[0] = 1e6;
        b.map_inplace(|x| x + 1.0);
        c.add_assign(&x).unwrap();
        d.add_scaled(&x.clone(), 2.0).unwrap();
        assert_eq!(x.to_vec(), before, "{name}");
        assert_eq!(a.to_vec()[1..], before[1..], "{name}");
        assert_eq!(b.to_vec(), before.iter().map(|x| x + 1.0).collect::<Vec<_>>(), "{name}");
        assert_eq!(c.to_vec(), before.iter().map(|x| x + x).collect::<Vec<_>>(), "{name}");
        assert_eq!(d.to_vec(), before.iter().map(|x| x + 2.0 * x).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn writing_a_view_leaves_its_origin_alone() {
    let x = Tensor::<i64>::arange(6).reshape([2, 3]).unwrap();
    let mut row = x.index(0, 1).unwrap();
    row.as_mut_slice().fill(0);
    let mut repeated = x.index(0, 0).unwrap().expand([2, 3]).unwrap();
    repeated.as_mut_slice()[0] = 9;
    assert_eq!(x.to_vec(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(repeated.to_vec(), [9, 1, 2, 0, 1, 2], "repeated elements part when written");
}

#[test]
fn a_tensor_of_its_own_is_changed_in_place() {
    let mut x = Tensor::<f32>::zeros([100]);
    let address = x.as_slice().unwrap().as_ptr();
    x.as_mut_slice()[3] = 1.0;
    x.map_inplace(|x| x * 2.0);
    x.add_assign(&Tensor::scalar(1.0)).unwrap();
    assert_eq!(x.as_slice().unwrap().as_ptr(), address);
    assert_eq!(x, built(&[100], |i| if i[0] == 3 { 3.0 } else { 1.0 }));
    // A part of a buffer that no other tensor holds is changed in place too.
    let mut tail = x.slice(0, 50..).unwrap();
    drop(x);
    tail.map_inplace(|x| -x);
    assert!(std::ptr::eq(tail.as_slice().unwrap().as_ptr(), address.wrapping_add(50)));
    // A flipped view is not in order, so it is copied.
    let flipped = tail.flip(0).unwrap();
    assert_eq!(flipped.to_vec(), tail.to_vec().into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn everything_crosses_threads() {
    fn safe<T: Send + Sync + 'static>() {}
    safe::<Tensor<f32>>();
    safe::<Tensor<f64>>();
    safe::<Tensor<i64>>();
    safe::<Tensor<u8>>();
    safe::<Tensor<bool>>();
    safe::<Rng>();
    safe::<RngState>();
    safe::<Error>();
    let x = Tensor::<f32>::ones([1000]);
    let sums = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|i| {
                let mut mine = x.clone();
                scope.spawn(move || {
                    mine.map_inplace(|x| x + i as f32);
                    mine.sum().item().unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(sums, [1000.0, 2000.0, 3000.0, 4000.0]);
    assert_eq!(x.sum().item().unwrap(), 1000.0);
}
