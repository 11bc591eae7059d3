//! What steps note down on the device, to be read later in one go.

use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::{Device, Tensor};

use crate::kernels::Kernels;
use crate::store::Store;

/// Values of a fresh tensor.
const CAPACITY: usize = 1024;

/// Raw outputs of D, one after another in as few tensors as can be: reading costs by the tensor, not by the value.
#[derive(Debug)]
pub struct Journal {
    device: Device,
    /// Tensors without room; then the one that is written to, if any.
    stores: Vec<Store>,
    /// Values in all stores but the last.
    before: usize,
    /// Values written to the last.
    used: usize,
}

/// Where some of a journal's values lie, among those of all its tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    at: usize,
    count: usize,
}

impl Journal {
    /// Without any notes.
    pub fn new(device: &Device) -> Self {
        Self {
            device: device.clone(),
            stores: Vec::new(),
            before: 0,
            used: 0,
        }
    }

    /// Notes values down.
    ///
    /// # Shapes
    /// - `values`: `[n, 1]`
    pub fn write(&mut self, values: Tensor<2>) -> Span {
        let ((), span) = self.note(values.dims()[0], |journal, at| {
            ((), Dispatch::write(journal, values.into_dispatch(), at))
        });
        span
    }

    /// Makes room for `count` values, and lets an operation write them there: it gets the tensor and the place, and gives the tensor back.
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

    /// All tensors; spans are places in their values, joined. With `keep`, what was noted stays, as do its places; else it starts anew.
    pub fn take(&mut self, keep: bool) -> Vec<Tensor<1>> {
        let values = self.stores.iter().map(Store::values).collect();
        if !keep {
            *self = Self::new(&self.device);
        }
        values
    }

    /// A place for so many values, and the same within the last store.
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
    /// The first `count` of its values, and the others.
    pub fn split(self, count: usize) -> [Self; 2] {
        let first = Self { count, ..self };
        let second = Self {
            at: self.at + count,
            count: self.count - count,
        };
        [first, second]
    }

    /// Its values, of those of all tensors.
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
