//! Samples that are made here rather than read from a file.

/// Number of values of one of the toy's faces: top left, top right, bottom left, bottom right.
const TOY_DIM: usize = 4;

/// The five 2×2 faces of the toy: dark (1) at top left and bottom right, light (0) elsewhere.
///
/// Source: Luis Serrano, "A friendly introduction to GANs" (seed S2), the notebook's list in its order.
pub const TOY_FACES: [[f32; TOY_DIM]; 5] = [
    [1.0, 0.0, 0.0, 1.0],
    [0.9, 0.1, 0.2, 0.8],
    [0.9, 0.2, 0.1, 0.8],
    [0.8, 0.1, 0.2, 0.9],
    [0.8, 0.2, 0.1, 0.9],
];
