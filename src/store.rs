//! One tensor that operations change in place.

use burn::backend::DispatchTensor;
use burn::tensor::{Device, Tensor, TensorData};

/// Values of a whole network, one after another: parameters, gradients, moments. Cloning shares them; the first change after that copies.
#[derive(Debug, Clone)]
pub struct Store {
    /// `[len]`; `None` only within [`Store::change`].
    values: Option<Tensor<1>>,
}

impl Store {
    /// Uploads `values`. Without any it holds four zeros, since a GPU has no empty buffers and may load four values at once.
    pub(crate) fn new(mut values: Vec<f32>, device: &Device) -> Self {
        if values.is_empty() {
            values.resize(4, 0.0);
        }
        let shape = [values.len()];
        Self {
            values: Some(Tensor::from_data(TensorData::new(values, shape), device)),
        }
    }

    /// A store of `len` values, which are undefined until they are written.
    pub(crate) fn empty(len: usize, device: &Device) -> Self {
        Self {
            values: Some(Tensor::empty([len], device)),
        }
    }

    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        self.get().dims()[0]
    }

    /// The device that holds the values.
    pub(crate) fn device(&self) -> Device {
        self.get().device()
    }

    /// The values as a tensor, `[len]`.
    pub(crate) fn values(&self) -> Tensor<1> {
        self.get().clone()
    }

    /// The values as the input of an operation.
    pub(crate) fn share(&self) -> DispatchTensor {
        self.values().into_dispatch()
    }

    /// Puts the values through `operation`, which owns them meanwhile, so that it need not copy them; gives what it returns beside them.
    pub(crate) fn change<T>(
        &mut self,
        operation: impl FnOnce(DispatchTensor) -> (DispatchTensor, T),
    ) -> T {
        let values = self.values.take().expect("only this takes them");
        let (values, other) = operation(values.into_dispatch());
        self.values = Some(Tensor::from_dispatch(values));
        other
    }

    fn get(&self) -> &Tensor<1> {
        self.values.as_ref().expect("only `change` takes them")
    }
}
