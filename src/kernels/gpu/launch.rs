//! Tensors on a GPU as kernels take them, and the workgroups for a launch.

use core::cell::Cell;

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::DType;
use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::*;

/// A tensor of whole rows of f32.
pub(super) type Values = FloatTensor<CubeBackend>;

/// Threads of a workgroup, where nothing asks for another number.
pub(super) const GROUP: usize = 64;

/// Workgroups of [`GROUP`] threads, enough for `count` threads. The last one may have threads past `count`, which must stop at once.
pub(super) fn threads(on: &Values, count: usize) -> (CubeCount, CubeDim) {
    groups_of(on, GROUP, count)
}

thread_local! {
    /// Number of launches that this thread asked workgroups for.
    static LAUNCHES: Cell<u64> = const { Cell::new(0) };
}

/// Number of launches of kernels by this thread since it began; for measurements and tests.
pub fn launches() -> u64 {
    LAUNCHES.get()
}

/// Workgroups of `group` threads, enough for `count` threads; for one launch.
pub(super) fn groups_of(on: &Values, group: usize, count: usize) -> (CubeCount, CubeDim) {
    LAUNCHES.set(LAUNCHES.get() + 1);
    let dim = CubeDim::new_1d(group as u32);
    (calculate_cube_count_elemwise(&on.client, count, dim), dim)
}

/// A new tensor `[rows, width]` on the device of another; its values are not set.
pub(super) fn room(beside: &Values, rows: usize, width: usize) -> Values {
    let handle = beside.client.empty(rows * width * size_of::<f32>());
    let (client, device) = (beside.client.clone(), beside.device.clone());
    Values::new_contiguous(client, device, [rows, width].into(), handle, DType::F32)
}

/// Number of values that one load takes: 4 if every length and place in `numbers` is a multiple of 4, else 1.
pub(super) fn vector_width(numbers: &[usize]) -> usize {
    if numbers.iter().all(|number| number.is_multiple_of(4)) {
        4
    } else {
        1
    }
}

/// Number of values in a tensor.
pub(super) fn count(tensor: &Values) -> usize {
    tensor.shape().num_elements()
}

/// A tensor as an argument of a launch.
pub(super) fn buffer(tensor: &Values) -> BufferArg {
    tensor.clone().into_buffer_arg()
}

/// A vector of `N` times the same number.
#[cube]
pub(super) fn all<N: Size>(x: f32) -> Vector<f32, N> {
    Vector::new(x)
}
