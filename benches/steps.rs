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
    use gan_playground::config::{LayerConfig, UpdateOrder};
    use gan_playground::trainer::Weights;
    use gan_playground::{Backend, GanConfig, Trainer};

    /// Workloads of `www/bench/workloads.js` that train.
    const TRAINING: [&str; 4] = ["mlp-b64", "mlp-b256", "dcgan-b64", "toy-2x2"];

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
            _ => preset("toy-2x2"),
        }
    }
}
