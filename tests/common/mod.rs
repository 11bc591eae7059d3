//! What the test files share: one body for native and browser, and short ways to build and read a trainer.
#![allow(dead_code, reason = "each test file uses its own part")]

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, TensorData};
use gan_playground::config::{
    BatchNorm, Init, LatentConfig, LatentKind, LayerConfig, LeakyRelu, Linear, LossConfig,
    OptimizerConfig,
};
use gan_playground::config::{PlayerConfig, SampleShape, UpdateOrder};
use gan_playground::kernels::{Kernels, LossSlopes};
use gan_playground::trainer::{Role, StepRecord};
use gan_playground::{Backend, GanConfig, Trainer};

/// Declares async tests that run natively (`cargo test`) and in the browser's worker (`wasm-pack test`).
#[macro_export]
macro_rules! on_every_target {
    ($($(#[$meta:meta])* async fn $name:ident() $body:block)*) => {$(
        $(#[$meta])*
        #[cfg(not(target_arch = "wasm32"))]
        #[test]
        fn $name() {
            pollster::block_on(async $body)
        }

        $(#[$meta])*
        #[cfg(target_arch = "wasm32")]
        #[wasm_bindgen_test::wasm_bindgen_test]
        async fn $name() $body
    )*};
}

/// A trainer on the CPU.
pub async fn on_cpu(config: GanConfig, seed: u32) -> Trainer {
    on(Backend::Cpu, config, seed).await
}

/// A trainer on `backend`.
pub async fn on(backend: Backend, config: GanConfig, seed: u32) -> Trainer {
    let device = backend.open().await.expect("the backend opens");
    Trainer::new(config, seed, device).expect("the configuration is valid")
}

/// Gradient `[n, 1]` of a loss by raw outputs.
pub fn loss_gradient(outputs: &[f32], loss: LossSlopes, device: &Device) -> Tensor<2> {
    let data = TensorData::new(outputs.to_vec(), [outputs.len(), 1]);
    let outputs = Tensor::<2>::from_data(data, device);
    let journal = Tensor::<1>::empty([outputs.dims()[0]], device);
    let (gradient, _) =
        Dispatch::loss_gradient(outputs.into_dispatch(), journal.into_dispatch(), 0, loss);
    Tensor::from_dispatch(gradient)
}

/// A pair small enough for a software adapter, with every kind of layer: 3 → 8 → 16 and 16 → 8 → 1, samples of 4×4.
pub fn small(order: UpdateOrder) -> GanConfig {
    let leaky = LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 });
    let norm = LayerConfig::BatchNorm(BatchNorm {
        momentum: 0.8,
        eps: 1e-3,
    });
    let optimizer = OptimizerConfig::Adam {
        beta1: 0.5,
        beta2: 0.999,
        eps: 1e-7,
    };
    let player = |layers| PlayerConfig {
        layers,
        optimizer,
        learning_rate: 1e-3,
        gradient_clip_norm: None,
    };
    let linear = |units| LayerConfig::Linear(Linear { units });
    GanConfig {
        name: "small".into(),
        shape: SampleShape {
            width: 4,
            height: 4,
            range: [-1.0, 1.0],
        },
        latent: LatentConfig {
            kind: LatentKind::Normal,
            dim: 3,
        },
        labels: None,
        init: Init::GlorotUniform,
        batch_size: 8,
        loss: LossConfig::Bce {
            label_smoothing: 0.0,
        },
        gradient_penalties: Default::default(),
        schedule: Default::default(),
        order,
        discriminator_loss_scale: 0.5,
        discriminator_updates: 1,
        generator_updates: 1,
        ema_decay: None,
        generator: player(vec![linear(8), leaky, norm, linear(16), LayerConfig::Tanh]),
        discriminator: player(vec![linear(8), leaky, linear(1)]),
    }
}

/// A batch of 8 samples for [`small`]: row `i` is a ramp from -1 to 1, turned by `i` places.
pub fn ramps() -> Vec<f32> {
    (0..8_usize)
        .flat_map(|row| (0..16_usize).map(move |x| ((row + x) % 16) as f32 / 7.5 - 1.0))
        .collect()
}

/// All tensors of one network by name, as f32.
pub async fn tensors(trainer: &Trainer, role: Role) -> Vec<(String, Vec<f32>)> {
    let reading = trainer.parameters(role).read().await.expect("readable");
    let named = reading.into_iter();
    named.map(|tensor| (tensor.name, tensor.values)).collect()
}

/// The bits of the tensors that training may change, running statistics left out.
pub async fn trainable_bits(trainer: &Trainer, role: Role) -> Vec<(String, Vec<u32>)> {
    let all = tensors(trainer, role).await.into_iter();
    all.filter(|(name, _)| !name.contains("running"))
        .map(|(name, values)| (name, values.iter().map(|x| x.to_bits()).collect()))
        .collect()
}

/// The records since the last read.
pub async fn records(trainer: &mut Trainer) -> Vec<StepRecord> {
    let reading = trainer.take_records().read().await;
    reading.expect("finite and readable")
}

/// Largest absolute difference between two runs of numbers of equal length.
pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b);
    pairs.map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
}

/// Prints a line, in a browser to its console.
pub fn say(line: &str) {
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_test::console_log!("{line}");
    #[cfg(not(target_arch = "wasm32"))]
    println!("{line}");
}
