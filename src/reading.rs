//! Values on their way from the device to the host.

use burn::backend::Dispatch;
use burn::tensor::{Tensor, Transaction};

use crate::Error;
use crate::kernels::Kernels;

/// Turns the values of a reading's tensors, in their order, into what the reading gives.
type Finish<T> = dyn FnOnce(Vec<Vec<f32>>) -> Result<T, Error>;

/// Values on their way back from the device; independent of the trainer, which may step on meanwhile.
pub struct Reading<T> {
    values: Vec<Tensor<1>>,
    finish: Box<Finish<T>>,
}

impl<T> Reading<T> {
    /// Reads `values`, and gives what `finish` makes of them.
    pub(crate) fn new(
        values: Vec<Tensor<1>>,
        finish: impl FnOnce(Vec<Vec<f32>>) -> Result<T, Error> + 'static,
    ) -> Self {
        Self {
            values,
            finish: Box::new(finish),
        }
    }

    /// A reading of the same values that gives what `then` makes of this one's.
    pub(crate) fn map<U>(self, then: impl FnOnce(T) -> U + 'static) -> Reading<U>
    where
        T: 'static,
    {
        let finish = self.finish;
        Reading::new(self.values, move |rows| finish(rows).map(then))
    }

    /// Hands the device its work before this returns, so that it computes while the transfer is being prepared; then waits and reads
    /// all values in one transaction.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed; or an error of the particular reading, such as [`Error::NonFinite`].
    pub fn read(mut self) -> impl Future<Output = Result<T, Error>> {
        if let Some(last) = self.values.pop() {
            let last = Dispatch::submit(last.into_dispatch());
            self.values.push(Tensor::from_dispatch(last));
        }
        async move {
            let transaction = self
                .values
                .into_iter()
                .fold(Transaction::default(), Transaction::register);
            let transfer = transaction.execute_async();
            #[cfg(all(target_arch = "wasm32", feature = "webgpu"))]
            let transfer = crate::nudge::waiting_for(transfer);
            let rows = transfer
                .await?
                .into_iter()
                .map(|data| {
                    data.try_into_vec::<f32>()
                        .expect("every tensor here is f32")
                })
                .collect();
            (self.finish)(rows)
        }
    }
}

impl Reading<Vec<f32>> {
    /// Reads one tensor as it is.
    pub(crate) fn one(values: Tensor<1>) -> Self {
        Self::new(vec![values], |mut rows| {
            Ok(rows.pop().expect("one tensor was registered"))
        })
    }
}
