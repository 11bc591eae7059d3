//! The journal: values that steps note down on the device, to be read later in one go.

use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::{Device, Tensor};

use crate::kernels::Kernels;
use crate::store::Store;

/// Number of values that a new tensor has room for.
const CAPACITY: usize = 1024;

/// A run of values on the device, mostly raw outputs of D, in as few tensors as can be: reading costs by the tensor, not by the value.
#[derive(Debug)]
pub struct Journal {
    device: Device,
    /// The tensors, in the order in which they were begun; the last is the one that has room.
    stores: Vec<Store>,
    /// Number of values in all stores but the last.
    before: usize,
    /// Number of values written to the last store.
    used: usize,
}

/// The place of some of a journal's values, among those of all its tensors joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Values before its first.
    at: usize,
    /// Number of its values.
    count: usize,
}

impl Journal {
    /// An empty journal.
    pub fn new(device: &Device) -> Self {
        Self {
            device: device.clone(),
            stores: Vec::new(),
            before: 0,
            used: 0,
        }
    }

    /// Notes values down; gives their place.
    ///
    /// # Shapes
    /// - `values`: `[n, 1]`
    pub fn write(&mut self, values: Tensor<2>) -> Span {
        let ((), span) = self.note(values.dims()[0], |journal, at| {
            ((), Dispatch::write(journal, values.into_dispatch(), at))
        });
        span
    }

    /// Makes room for `count` values and lets an operation write them there: the operation gets the tensor and the place in it, and gives
    /// the tensor back beside what else it made.
    pub(crate) fn note<T>(
        &mut self,
        count: usize,
        operation: impl FnOnce(DispatchTensor, usize) -> (T, DispatchTensor),
    ) -> (T, Span) {
        let (span, at, store) = self.make_room(count);
        let other = store.change(|store| {
            let (other, store) = operation(store, at);
            (store, other)
        });
        (other, span)
    }

    /// All tensors, for a reading; spans are places in their joined values. With `keep` the journal keeps what was noted, and the spans
    /// stay valid; without, it starts anew.
    pub fn take(&mut self, keep: bool) -> Vec<Tensor<1>> {
        let values = self.stores.iter().map(Store::values).collect();
        if !keep {
            *self = Self::new(&self.device);
        }
        values
    }

    /// The tensor that holds a span that was noted since the last [`Journal::take`], and the span's place in it.
    pub(crate) fn place(&self, span: Span) -> (DispatchTensor, usize) {
        let mut at = span.at;
        for store in &self.stores {
            if at < store.len() {
                return (store.share(), at);
            }
            at -= store.len();
        }
        unreachable!("spans lie in its tensors")
    }

    /// Makes room for `count` values. Gives their span, where they begin in the last store, and that store.
    fn make_room(&mut self, count: usize) -> (Span, usize, &mut Store) {
        let free = self.stores.last().map_or(0, |last| last.len() - self.used);
        if count > free {
            self.before += self.stores.last().map_or(0, Store::len);
            self.used = 0;
            self.stores
                .push(Store::empty(CAPACITY.max(count), &self.device));
        }
        let at = self.used;
        self.used += count;
        let span = Span {
            at: self.before + at,
            count,
        };
        let last = self.stores.last_mut().expect("there is room in it");
        (span, at, last)
    }
}

impl Span {
    /// Number of values between the start of `other` and its own.
    pub fn after(self, other: Self) -> usize {
        self.at - other.at
    }

    /// The spans of its first `count` values and of the others.
    pub fn split(self, count: usize) -> [Self; 2] {
        let first = Self { count, ..self };
        let second = Self {
            at: self.at + count,
            count: self.count - count,
        };
        [first, second]
    }

    /// Its values, cut out of the joined `values` of all tensors.
    pub fn of(self, values: &[f32]) -> &[f32] {
        &values[self.at..][..self.count]
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;
    use burn::tensor::TensorData;

    fn column(values: &[f32]) -> Tensor<2> {
        let data = TensorData::new(values.to_vec(), [values.len(), 1]);
        Tensor::from_data(data, &Device::flex())
    }

    fn read(journal: &mut Journal, keep: bool) -> Vec<f32> {
        let tensors = journal.take(keep).into_iter();
        let values =
            tensors.map(|tensor| pollster::block_on(tensor.into_data_async()).expect("flex reads"));
        values
            .flat_map(|data| data.try_into_vec::<f32>().expect("they are f32"))
            .collect()
    }

    #[test]
    fn spans_find_what_was_written_in_however_many_tensors() {
        let mut journal = Journal::new(&Device::flex());
        let sizes = [3, CAPACITY - 4, 2, 2 * CAPACITY, 1];
        let spans = sizes.map(|size| journal.write(column(&vec![size as f32; size])));
        let values = read(&mut journal, false);
        for (size, span) in sizes.into_iter().zip(spans) {
            assert_eq!(span.of(&values), vec![size as f32; size]);
        }
    }

    #[test]
    fn a_span_is_split_where_one_asks() {
        let mut journal = Journal::new(&Device::flex());
        let span = journal.write(column(&[1.0, 2.0, 3.0]));
        let values = read(&mut journal, false);
        let [first, others] = span.split(1);
        assert_eq!(
            (first.of(&values), others.of(&values)),
            (&[1.0][..], &[2.0, 3.0][..])
        );
    }

    #[test]
    fn what_is_kept_has_its_place_after_reading() {
        let mut journal = Journal::new(&Device::flex());
        let kept = journal.write(column(&[7.0]));
        assert_eq!(kept.of(&read(&mut journal, true)), [7.0]);
        let next = journal.write(column(&[8.0]));
        let values = read(&mut journal, false);
        assert_eq!(
            (kept.of(&values), next.of(&values)),
            (&[7.0][..], &[8.0][..])
        );
        assert!(read(&mut journal, false).is_empty());
    }
}
