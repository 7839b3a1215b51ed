//! What every metric keeps: parts are as good as the whole, and sums come back from bytes.

use gradus_train::Result;
use gradus_train::metrics::{AnyMetric, Metric};

/// A step of taking in a batch.
pub(super) type Take<'a, M> = Box<dyn Fn(&mut M) -> Result<()> + 'a>;

fn bytes(metric: &impl Metric) -> Vec<u8> {
    AnyMetric::new(metric.clone()).to_bytes().unwrap()
}

fn after<M: Metric>(fresh: &M, takes: &[Take<'_, M>]) -> M {
    let mut metric = fresh.clone();
    takes.iter().for_each(|take| take(&mut metric).unwrap());
    metric
}

/// Takes batches in at once, cut in two anywhere, one by one, backwards, and with stops at which the sums go through
/// bytes: always the same sums and the same bits of the value. Gives the metric of all.
#[track_caller]
pub(super) fn in_parts<M: Metric>(fresh: &M, takes: &[Take<'_, M>]) -> M {
    let whole = after(fresh, takes);
    let same = |how: &str, other: &M| {
        assert_eq!(bytes(other), bytes(&whole), "{} {how}", whole.name());
        let (value, wanted) = (other.value(), whole.value());
        assert!(value.to_bits() == wanted.to_bits() || (value.is_nan() && wanted.is_nan()));
    };
    for cut in 0..=takes.len() {
        let mut left = after(fresh, &takes[..cut]);
        let right = after(fresh, &takes[cut..]);
        left.merge(&right).unwrap();
        same("cut in two", &left);
        let mut turned = right;
        turned.merge(&after(fresh, &takes[..cut])).unwrap();
        same("with the end first", &turned);
    }
    let mut one_by_one = fresh.clone();
    let mut backwards = fresh.clone();
    let mut stopped = AnyMetric::new(fresh.clone());
    for (take, last) in takes.iter().zip(takes.iter().rev()) {
        one_by_one.merge(&after(fresh, std::slice::from_ref(take))).unwrap();
        last(&mut backwards).unwrap();
        let mut read =
            AnyMetric::new(fresh.clone()).with_bytes(&stopped.to_bytes().unwrap()).unwrap();
        read.merge(&after(fresh, std::slice::from_ref(take)).into()).unwrap();
        stopped = read;
    }
    same("one by one", &one_by_one);
    same("backwards", &backwards);
    same("with stops", stopped.get().unwrap());
    damaged(&whole, fresh);
    whole
}

/// Any end of the bytes that is cut off is noticed, and any byte may be another without a panic.
pub(super) fn damaged<M: Metric>(metric: &M, fresh: &M) {
    let all = bytes(metric);
    let any = AnyMetric::new(fresh.clone());
    for i in (0..all.len()).step_by(all.len() / 256 + 1) {
        assert!(any.with_bytes(&all[..i]).is_err());
        for wrong in [0, 1, 0x7f, 0xff] {
            let mut damaged = all.clone();
            damaged[i] = wrong;
            if let Ok(mut read) = any.with_bytes(&damaged) {
                let _ = (read.to_string(), read.merge(&metric.clone().into()), read.to_string());
            }
        }
    }
}
