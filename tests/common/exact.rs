//! A network in f64, written anew for the tests: its output, and its input gradient as one directional derivative for each input value.

use std::collections::BTreeMap;

use gan_playground::Trainer;
use gan_playground::config::{ConvConfig, LayerConfig, LeakyRelu, Linear, Reshape};
use gan_playground::network::Conditioning;
use gan_playground::trainer::Role;

use super::common::tensors;

/// Layers with their parameters, by the engine's names.
pub struct Exact {
    layers: Vec<LayerConfig>,
    pub parameters: BTreeMap<String, Vec<f64>>,
    conditioning: Option<Conditioning>,
    /// Channels, rows, pixels in a row of what enters; a row has one channel and one line.
    input: [usize; 3],
}

/// A value of the network, and its derivatives along each direction followed.
#[derive(Clone)]
struct Values {
    sides: [usize; 3],
    now: Vec<f64>,
    tangents: Vec<Vec<f64>>,
}

impl Exact {
    /// The network of one player as it is now; `inputs` is the length of a row that enters.
    pub async fn of(trainer: &Trainer, role: Role, inputs: usize) -> Self {
        let config = trainer.config();
        let (player, conditioning) = match role {
            Role::Generator => (&config.generator, None),
            Role::Discriminator => (&config.discriminator, config.conditioning()),
        };
        let named = tensors(trainer, role).await.into_iter();
        let named =
            named.map(|(name, values)| (name, values.iter().map(|x| f64::from(*x)).collect()));
        Self {
            layers: player.layers.clone(),
            parameters: named.collect(),
            conditioning,
            input: [1, 1, inputs],
        }
    }

    /// What the network gives for `x`, which is said to be of the class `label`.
    pub fn output(&self, x: &[f64], label: usize) -> Vec<f64> {
        self.run(x, label, vec![]).now
    }

    /// The only output for `x`, and its gradient by `x`.
    pub fn gradient(&self, x: &[f64], label: usize) -> (f64, Vec<f64>) {
        let unit = |at: usize| (0..x.len()).map(|i| f64::from(u8::from(i == at))).collect();
        let values = self.run(x, label, (0..x.len()).map(unit).collect());
        let gradient = values.tangents.iter().map(|tangent| tangent[0]).collect();
        (values.now[0], gradient)
    }

    /// Central differences of `of` by every parameter, in the order of their names.
    pub fn differences(&mut self, of: impl Fn(&Self) -> f64) -> BTreeMap<String, Vec<f64>> {
        const STEP: f64 = 1e-6;
        let names: Vec<String> = self.parameters.keys().cloned().collect();
        let mut all = BTreeMap::new();
        for name in names {
            let mut differences = Vec::new();
            for index in 0..self.parameters[&name].len() {
                let mut side = |sign: f64| {
                    let before = self.parameters[&name][index];
                    self.parameters.get_mut(&name).expect("its name")[index] = before + sign * STEP;
                    let value = of(self);
                    self.parameters.get_mut(&name).expect("its name")[index] = before;
                    value
                };
                differences.push((side(1.0) - side(-1.0)) / (2.0 * STEP));
            }
            all.insert(name, differences);
        }
        all
    }

    fn run(&self, x: &[f64], label: usize, tangents: Vec<Vec<f64>>) -> Values {
        let mut values = Values {
            sides: self.input,
            now: x.to_vec(),
            tangents,
        };
        let is_linear = |layer: &LayerConfig| matches!(layer, LayerConfig::Linear(_));
        let first = self.layers.iter().position(is_linear);
        for (index, layer) in self.layers.iter().enumerate() {
            if let (Some(Conditioning::Concat { classes, scale }), true) =
                (self.conditioning, first == Some(index))
            {
                values = values.joined(classes, label, f64::from(scale));
            }
            values = self.layer(index, *layer, values);
        }
        if let Some(Conditioning::Projection { .. }) = self.conditioning {
            values = values.map([1, 1, 1], |all| vec![all[0] + all[1 + label]]);
        }
        values
    }

    fn layer(&self, index: usize, layer: LayerConfig, values: Values) -> Values {
        let named = |name: &str| self.parameters.get(&format!("{index}.{name}"));
        match layer {
            LayerConfig::Linear(Linear { units }) => {
                let weights = &named("weight").expect("it has weights");
                let product = |x: &[f64]| {
                    let column = |j| x.iter().enumerate().map(move |(i, x)| (i, j, x));
                    (0..units)
                        .map(|j| column(j).map(|(i, j, x)| x * weights[i * units + j]).sum())
                        .collect()
                };
                values.map([1, 1, units], product).plus(named("bias"))
            }
            LayerConfig::Conv2d(conv) => {
                let [_, height, width] = values.sides;
                let side = |n: usize| (n + 2 * conv.padding - conv.kernel) / conv.stride + 1;
                let (big, small) = (values.sides, [conv.channels, side(height), side(width)]);
                let weights = named("weight").expect("it has weights");
                let seen = |x: &[f64]| {
                    let mut y = vec![0.0; small.iter().product()];
                    taps(conv, small, big, |s, b, w| y[s] += weights[w] * x[b]);
                    y
                };
                values.map(small, seen).plus(named("bias"))
            }
            LayerConfig::ConvTranspose2d(conv) => {
                let [_, height, width] = values.sides;
                let side = |n: usize| (n - 1) * conv.stride + conv.kernel - 2 * conv.padding;
                let (small, big) = (values.sides, [conv.channels, side(height), side(width)]);
                let weights = named("weight").expect("it has weights");
                let spread = |x: &[f64]| {
                    let mut y = vec![0.0; big.iter().product()];
                    taps(conv, small, big, |s, b, w| y[b] += weights[w] * x[s]);
                    y
                };
                values.map(big, spread).plus(named("bias"))
            }
            LayerConfig::Reshape(Reshape {
                channels,
                height,
                width,
            }) => values.map([channels, height, width], <[f64]>::to_vec),
            LayerConfig::Flatten => {
                let count = values.now.len();
                values.map([1, 1, count], <[f64]>::to_vec)
            }
            LayerConfig::Upsample => {
                let [channels, height, width] = values.sides;
                let place = |i: usize| (i / (2 * width) / 2) * width + i % (2 * width) / 2;
                let repeat = |x: &[f64]| (0..4 * x.len()).map(|i| x[place(i)]).collect();
                values.map([channels, 2 * height, 2 * width], repeat)
            }
            LayerConfig::LeakyRelu(LeakyRelu { slope }) => values.curved(|x| {
                if x > 0.0 {
                    (x, 1.0)
                } else {
                    (slope * x, slope)
                }
            }),
            LayerConfig::Relu => values.curved(|x| if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) }),
            LayerConfig::Tanh => values.curved(|x| (x.tanh(), 1.0 - x.tanh() * x.tanh())),
            other => unimplemented!("{}", other.name()),
        }
    }
}

/// Calls `visit` for each pixel of the small picture, each pixel of the big one in its window, and the weight between them.
fn taps(
    conv: ConvConfig,
    small: [usize; 3],
    big: [usize; 3],
    mut visit: impl FnMut(usize, usize, usize),
) {
    let kernel = conv.kernel;
    for (s, (c, y, x)) in places(small).enumerate() {
        for (w, (b, ky, kx)) in places([big[0], kernel, kernel]).enumerate() {
            let at = |place: usize, offset: usize, side: usize| {
                (place * conv.stride + offset)
                    .checked_sub(conv.padding)
                    .filter(|at| *at < side)
            };
            if let (Some(row), Some(column)) = (at(y, ky, big[1]), at(x, kx, big[2])) {
                let weight = c * big[0] * kernel * kernel + w;
                visit(s, (b * big[1] + row) * big[2] + column, weight);
            }
        }
    }
}

fn places([channels, height, width]: [usize; 3]) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..channels)
        .flat_map(move |c| (0..height).flat_map(move |y| (0..width).map(move |x| (c, y, x))))
}

impl Values {
    /// Through a linear map.
    fn map(self, sides: [usize; 3], linear: impl Fn(&[f64]) -> Vec<f64>) -> Self {
        Self {
            sides,
            now: linear(&self.now),
            tangents: self
                .tangents
                .iter()
                .map(|tangent| linear(tangent))
                .collect(),
        }
    }

    /// With a bias for each channel, or for each value of a row, or for the first ones.
    fn plus(mut self, biases: Option<&Vec<f64>>) -> Self {
        let pixels = self.sides[1] * self.sides[2];
        let share = if self.sides[0] == 1 && self.sides[1] == 1 {
            1
        } else {
            pixels
        };
        for (index, value) in self.now.iter_mut().enumerate() {
            *value += biases
                .and_then(|all| all.get(index / share))
                .unwrap_or(&0.0);
        }
        self
    }

    /// With the label's values behind the others; it does not change with the sample.
    fn joined(mut self, classes: usize, label: usize, scale: f64) -> Self {
        for (values, own) in [(&mut self.now, scale)]
            .into_iter()
            .chain(self.tangents.iter_mut().map(|tangent| (tangent, 0.0)))
        {
            values.extend((0..classes).map(|class| if class == label { own } else { 0.0 }));
        }
        self.sides = [1, 1, self.now.len()];
        self
    }

    /// Through a function of each value, which gives its value and its slope.
    fn curved(mut self, of: impl Fn(f64) -> (f64, f64)) -> Self {
        for index in 0..self.now.len() {
            let (value, slope) = of(self.now[index]);
            self.now[index] = value;
            for tangent in &mut self.tangents {
                tangent[index] *= slope;
            }
        }
        self
    }
}
