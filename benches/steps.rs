//! `cargo bench`: a step of each workload of the benchmark page, natively, on the CPU and on the adapter that wgpu finds.
//!
//! `cargo bench --no-default-features --features cpu` leaves wgpu out, which takes ten minutes to build.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    native::run();
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::time::Duration;

    use criterion::Criterion;
    use gan_playground::config::{
        BatchNorm, ConvConfig, LatentConfig, LayerConfig, LeakyRelu, Linear, Reshape, UpdateOrder,
    };
    use gan_playground::trainer::Weights;
    use gan_playground::{Backend, GanConfig, Trainer};

    /// Workloads of `www/bench/workloads.js` that train, and the small convolutional networks with hidden dense layers in batches of 32 and 64.
    const TRAINING: [&str; 6] = [
        "mlp-b64",
        "mlp-b256",
        "dcgan-b64",
        "toy-2x2",
        "digits-b32",
        "digits-b64",
    ];

    pub fn run() {
        let mut criterion = Criterion::default()
            .sample_size(20)
            .measurement_time(Duration::from_secs(5))
            .configure_from_args();
        for backend in [Backend::Cpu, Backend::WebGpu] {
            let device = match pollster::block_on(backend.open()) {
                Ok(device) => device,
                Err(error) => {
                    println!("skipped on {backend:?}: {error}");
                    continue;
                }
            };
            for workload in TRAINING {
                let config = config(workload);
                let values = config.batch_size * config.shape.dim();
                let real: Vec<f32> = (0..values).map(|i| (i % 17) as f32 / 16.0).collect();
                let mut trainer = Trainer::new(config, 1, device.clone()).expect("valid");
                criterion.bench_function(&format!("{workload} {backend:?}"), |bencher| {
                    bencher.iter(|| {
                        trainer.step(&real).expect("it fits");
                        pollster::block_on(trainer.take_records().read()).expect("readable")
                    });
                });
            }
            for (workload, networks) in [("sample-64", "mlp-b64"), ("sample-64-dcgan", "dcgan-b64")]
            {
                let config = config(networks);
                let latents: Vec<f32> = (0..64 * config.latent.dim)
                    .map(|i| (i % 7) as f32 / 3.0 - 1.0)
                    .collect();
                let mut trainer = Trainer::new(config, 1, device.clone()).expect("valid");
                criterion.bench_function(&format!("{workload} {backend:?}"), |bencher| {
                    bencher.iter(|| {
                        let samples = trainer.generate(&latents, Weights::Raw).expect("they fit");
                        pollster::block_on(samples.read()).expect("readable")
                    });
                });
            }
        }
        criterion.final_summary();
    }

    fn config(workload: &str) -> GanConfig {
        let preset = |name| GanConfig::preset(name).expect("there is such a preset");
        let plain = |config| GanConfig {
            order: UpdateOrder::Joint,
            ema_decay: None,
            ..config
        };
        match workload {
            "mlp-b64" => plain(preset("mnist-keras")),
            "mlp-b256" => GanConfig {
                batch_size: 256,
                ..plain(preset("mnist-keras"))
            },
            "dcgan-b64" => {
                let mut config = plain(preset("mnist-dcgan-wide"));
                let discriminator = &mut config.discriminator.layers;
                discriminator.retain(|layer| !matches!(layer, LayerConfig::BatchNorm(_)));
                for layer in [&mut config.generator.layers, discriminator]
                    .into_iter()
                    .flatten()
                {
                    if let LayerConfig::Conv2d(conv) | LayerConfig::ConvTranspose2d(conv) = layer {
                        conv.bias = true;
                    }
                }
                config
            }
            "digits-b32" => digits(32),
            "digits-b64" => digits(64),
            _ => preset("toy-2x2"),
        }
    }

    /// Convolutions of 8 and 16 channels, each with a hidden dense layer; 74 latents stand for 64 and ten classes. No labels and no penalty.
    fn digits(batch_size: usize) -> GanConfig {
        let linear = |units| LayerConfig::Linear(Linear { units });
        let leaky = LayerConfig::LeakyRelu(LeakyRelu { slope: 0.2 });
        let norm = LayerConfig::BatchNorm(BatchNorm {
            momentum: 0.8,
            eps: 1e-3,
        });
        let picture = |channels, side| {
            LayerConfig::Reshape(Reshape {
                channels,
                height: side,
                width: side,
            })
        };
        let window = |channels| ConvConfig {
            channels,
            kernel: 4,
            stride: 2,
            padding: 1,
            bias: true,
        };
        let widen = |channels| LayerConfig::ConvTranspose2d(window(channels));
        let narrow = |channels| LayerConfig::Conv2d(window(channels));
        let mut config = GanConfig::preset("mnist-fast").expect("there is such a preset");
        config.batch_size = batch_size;
        config.latent = LatentConfig {
            dim: 74,
            ..config.latent
        };
        config.generator.layers = vec![
            linear(256),
            norm,
            leaky,
            linear(784),
            norm,
            leaky,
            picture(16, 7),
            widen(8),
            norm,
            leaky,
            widen(1),
            LayerConfig::Tanh,
        ];
        config.discriminator.layers = vec![
            picture(1, 28),
            narrow(8),
            leaky,
            narrow(16),
            leaky,
            LayerConfig::Flatten,
            linear(128),
            leaky,
            linear(1),
        ];
        config
    }
}
