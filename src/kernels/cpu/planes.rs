//! Pictures taken apart into planes: with a stride of 2, the pixels of even and of odd rows and columns. In a plane the windows of a convolution
//! are one pixel apart, so that what a tap sees in all of them is one stretch of values.

use std::ops::Range;

use super::copies;
use super::tiles::COLUMNS;
use crate::kernels::spec::Conv;

/// The planes of a [`Conv`]'s big picture, with its border of zeros. The pixel at `(y, x)`, counted from the border's corner, is that at
/// `(y / stride, x / stride)` of plane `(y % stride, x % stride)` of its channel. Planes that no tap sees are left out.
#[derive(Clone, Copy)]
pub(super) struct Planes {
    layer: Conv,
    /// Number of a channel's planes along a side: the smaller one of stride and kernel.
    pub(super) sides: usize,
    /// Largest number of taps along a side that see the same plane.
    pub(super) reach: usize,
    /// Rows of a plane.
    rows: usize,
    /// Columns of a plane.
    pub(super) pitch: usize,
    /// Distance from one plane to the next: its values, then some that fill a tile.
    pub(super) length: usize,
}

impl Planes {
    pub(super) fn new(layer: Conv) -> Self {
        let reach = layer.kernel.div_ceil(layer.stride);
        let [rows, pitch] = [layer.small[1], layer.small[2]].map(|side| side + reach - 1);
        Self {
            layer,
            sides: layer.stride.min(layer.kernel),
            reach,
            rows,
            pitch,
            length: (rows * pitch).next_multiple_of(COLUMNS),
        }
    }

    /// Number of planes of a picture.
    pub(super) fn count(&self) -> usize {
        self.layer.big[0] * self.sides * self.sides
    }

    /// Length of the stretch in which a tap sees all windows, and what lies between their rows; a multiple of [`COLUMNS`].
    pub(super) fn stretch(&self) -> usize {
        let [_, rows, columns] = self.layer.small;
        ((rows - 1) * self.pitch + columns).next_multiple_of(COLUMNS)
    }

    /// Largest distance from a pixel of a plane to one that the same window sees.
    pub(super) fn farthest(&self) -> usize {
        (self.reach - 1) * (self.pitch + 1)
    }

    /// Number of values of all planes, with room for the last tap's stretch.
    pub(super) fn room(&self) -> usize {
        self.count() * self.length + self.farthest()
    }

    /// Where each tap's stretch begins, in the order of a window's weights.
    pub(super) fn starts(self) -> impl Iterator<Item = usize> {
        let Conv { kernel, stride, .. } = self.layer;
        (0..self.layer.taps()).map(move |tap| {
            let (channel, y, x) = (tap / (kernel * kernel), tap / kernel % kernel, tap % kernel);
            let plane = (channel * self.sides + y % stride) * self.sides + x % stride;
            plane * self.length + y / stride * self.pitch + x / stride
        })
    }

    /// Calls `visit` for each weight that a plane's pixel is made with in a transposed convolution: the number of the plane, that of the term, which
    /// is a channel of the small picture and a step up and left in it (`[channels, reach, reach]`), and the weight.
    pub(super) fn weights(&self, weights: &[f32], mut visit: impl FnMut(usize, usize, f32)) {
        let Conv {
            small,
            big,
            kernel,
            stride,
            ..
        } = self.layer;
        let mut weights = weights.iter();
        for (channel, plane) in
            (0..small[0]).flat_map(|small| (0..big[0]).map(move |big| (small, big)))
        {
            for (y, x) in (0..kernel).flat_map(|y| (0..kernel).map(move |x| (y, x))) {
                let plane = (plane * self.sides + y % stride) * self.sides + x % stride;
                let term = (channel * self.reach + y / stride) * self.reach + x / stride;
                visit(plane, term, *weights.next().expect("a weight for each tap"));
            }
        }
    }

    /// Copies a picture into its planes. Their borders stay as they are, 0.
    pub(super) fn take_apart(&self, picture: &[f32], planes: &mut [f32]) {
        let stride = self.layer.stride;
        if let Some([evens, odds]) = self.halves() {
            return self.visit(|line, row| {
                let (first, second) =
                    planes[row..][..self.length + self.pitch].split_at_mut(self.length);
                let (for_evens, for_odds) = if evens.plane == 0 {
                    (first, second)
                } else {
                    (second, first)
                };
                let (evens, odds) = (&mut for_evens[evens.cells()], &mut for_odds[odds.cells()]);
                copies::split(&picture[line..][..self.layer.big[2]], evens, odds);
            });
        }
        self.visit(|line, row| {
            for across in self.rows_across() {
                let to = planes[row + across.plane * self.length..][across.cells()].iter_mut();
                let from = picture[line + across.pixel..].iter().step_by(stride);
                to.zip(from).for_each(|(to, from)| *to = *from);
            }
        });
    }

    /// Copies planes back to the pixels of a picture. Pixels that no tap sees stay as they are.
    pub(super) fn put_together(&self, planes: &[f32], picture: &mut [f32]) {
        let stride = self.layer.stride;
        if let Some([evens, odds]) = self.halves() {
            return self.visit(|line, row| {
                let half = |half: &Across| &planes[row + half.plane * self.length..][half.cells()];
                copies::join(
                    half(&evens),
                    half(&odds),
                    &mut picture[line..][..self.layer.big[2]],
                );
            });
        }
        self.visit(|line, row| {
            for across in self.rows_across() {
                let from = &planes[row + across.plane * self.length..][across.cells()];
                let to = picture[line + across.pixel..].iter_mut().step_by(stride);
                to.zip(from).for_each(|(to, from)| *to = *from);
            }
        });
    }

    /// Whether each pixel is in a plane.
    pub(super) fn hold_all(&self) -> bool {
        let Conv {
            big: [_, height, width],
            stride,
            padding,
            ..
        } = self.layer;
        self.sides == stride
            && height + padding <= self.rows * stride
            && width + padding <= self.pitch * stride
    }

    /// Calls `visit` for each line of a picture that planes take pixels of, with the place where it begins and the place where its row begins in
    /// the first of these planes.
    #[inline(always)]
    fn visit(&self, mut visit: impl FnMut(usize, usize)) {
        let Conv {
            big: [channels, height, width],
            stride,
            padding,
            ..
        } = self.layer;
        for (channel, y) in
            (0..channels).flat_map(|channel| (0..self.sides).map(move |y| (channel, y)))
        {
            let first = (channel * self.sides + y) * self.sides * self.length;
            for row in self.inside(y, height, self.rows) {
                visit(
                    (channel * height + row * stride + y - padding) * width,
                    first + row * self.pitch,
                );
            }
        }
    }

    /// Where a row of plane number `plane` along a side lies in its line.
    fn across(&self, plane: usize) -> Across {
        let inside = self.inside(plane, self.layer.big[2], self.pitch);
        Across {
            plane,
            first: inside.start,
            count: inside.len(),
            pixel: (inside.start * self.layer.stride + plane).saturating_sub(self.layer.padding),
        }
    }

    /// The rows of a channel's planes that lie in one line.
    fn rows_across(&self) -> impl Iterator<Item = Across> {
        let rows = (0..self.sides).map(|plane| self.across(plane));
        rows.filter(|row| row.count > 0)
    }

    /// The pixels at even and at odd places of a line, if a stride of 2 divides all of them into two planes.
    fn halves(&self) -> Option<[Across; 2]> {
        let [evens, odds] = [0, 1].map(|x| self.across((x + self.layer.padding) % 2));
        let two = self.sides == 2 && self.layer.stride == 2;
        let side_by_side = [evens.pixel, odds.pixel] == [0, 1]
            && [odds.count, odds.count + 1].contains(&evens.count);
        (two && side_by_side).then_some([evens, odds])
    }

    /// The pixels of a plane, along a side, that are in a picture of `size` pixels.
    fn inside(&self, plane: usize, size: usize, pixels: usize) -> Range<usize> {
        let Conv {
            stride, padding, ..
        } = self.layer;
        let first = padding.saturating_sub(plane).div_ceil(stride);
        let end = (size + padding).saturating_sub(plane).div_ceil(stride);
        first.min(pixels)..end.min(pixels)
    }
}

/// A row of a plane, and the pixels of a line that it holds.
struct Across {
    plane: usize,
    /// Place of the first pixel in the row.
    first: usize,
    /// Number of pixels.
    count: usize,
    /// Place of the first pixel in the line.
    pixel: usize,
}

impl Across {
    fn cells(&self) -> Range<usize> {
        self.first..self.first + self.count
    }
}
