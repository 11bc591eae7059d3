//! `cargo xtask mutants`: plausible mistakes made in the engine's source, one at a time; the tests must notice each.
//!
//! The work is done in a copy, `target/mutants`, so an interrupted run leaves the sources as they were. It takes five
//! minutes and half a minute a mistake on two cores, and is no part of `cargo xtask test`.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{command, output, root, step};

/// One mistake: its name, the file it is made in, the right text, which stands there exactly once, and the wrong text to put in its place.
struct Mutant {
    name: &'static str,
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
}

const fn mutant(
    name: &'static str,
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
) -> Mutant {
    Mutant {
        name,
        file,
        right,
        wrong,
    }
}

const STEPS: &str = "src/trainer/steps.rs";
const LESSON: &str = "src/trainer/lesson.rs";
const PHASES: &str = "src/trainer/phases.rs";
const PASSES: &str = "src/trainer/passes.rs";
const BATCHES: &str = "src/trainer/batches.rs";
const STATE: &str = "src/trainer/state.rs";
const PLAYER: &str = "src/player.rs";
const NETWORK: &str = "src/network/mod.rs";
const PENALTY: &str = "src/network/penalty.rs";
const CONV: &str = "src/network/layers/conv.rs";
const BATCH_NORM: &str = "src/network/layers/batch_norm.rs";
const ACTIVATION: &str = "src/network/layers/activation.rs";
const LABEL: &str = "src/network/layers/label.rs";
const LOSS: &str = "src/loss.rs";
const CPU_NORM: &str = "src/kernels/cpu/norm.rs";
const CPU_OPTIMIZERS: &str = "src/kernels/cpu/optimizers.rs";
const CPU_LABELS: &str = "src/kernels/cpu/labels.rs";
const CPU_LOGITS: &str = "src/kernels/cpu/logits.rs";

const MUTANTS: [Mutant; 32] = [
    mutant(
        "labels of real samples and fakes swapped",
        LESSON,
        "let halves = [(loss.real(), batch), (loss.fake(), batch)];",
        "let halves = [(loss.fake(), batch), (loss.real(), batch)];",
    ),
    mutant(
        "labels of classes of real samples and fakes swapped",
        LESSON,
        "labels.map(|(above, below)| stack(above, below))",
        "labels.map(|(above, below)| stack(below, above))",
    ),
    mutant(
        "G told the class before the right one",
        BATCHES,
        "let own = usize::from(*label);",
        "let own = usize::from(*label).saturating_sub(1);",
    ),
    mutant(
        "the label's scale forgotten",
        LABEL,
        "constant: scale,",
        "constant: 1.0,",
    ),
    mutant(
        "the projection's class left out backward",
        CPU_LABELS,
        "y[own] = columns.constant + columns.share * row[0];",
        "y[own] = columns.constant;",
    ),
    mutant(
        "the projection's class left out forward",
        CPU_LABELS,
        "y[first] += columns.share * row[width + *label as usize];",
        "y[first] += 0.0 * row[width + *label as usize];",
    ),
    mutant(
        "the schedule a phase late",
        STATE,
        "config.schedule.factor(completed + 1)",
        "config.schedule.factor(completed.max(1))",
    ),
    mutant(
        "G updated in D's phase too",
        PHASES,
        "            let fake = self.fakes(batch.latents);\n            if self",
        "            self.generator_phase(vec![batch.latents.clone()]);\n            let fake = self.fakes(batch.latents);\n            if self",
    ),
    mutant(
        "G updated before D",
        STEPS,
        "                let discriminator = self.discriminator_phase(batches);\n                (discriminator, self.generator_phase(generator_latents))",
        "                let generator = self.generator_phase(generator_latents);\n                (self.discriminator_phase(batches), generator)",
    ),
    mutant(
        "every update of D on the first real batch",
        BATCHES,
        "let samples = self.cut(REAL, real, updates, batch)?;",
        "let samples = vec![self.cut(REAL, real, updates, batch)?[0].clone(); updates];",
    ),
    mutant(
        "Keras' fakes by batch statistics",
        PASSES,
        "UpdateOrder::KerasTwoUpdates => self.generator.network.forward(latents, Pass::Running),",
        "UpdateOrder::KerasTwoUpdates => self.generator_pass(latents),",
    ),
    mutant(
        "both halves of D's task normalised together",
        LESSON,
        "let pass = pass(&mut self.dropout, seen.kinds());",
        "let pass = pass(&mut self.dropout, 1);",
    ),
    mutant(
        "the penalty looks at the fakes only",
        LESSON,
        "let [a, b] = [real.values, fake.values].map(Tensor::into_dispatch);",
        "let [a, b] = [fake.values.clone(), fake.values].map(Tensor::into_dispatch);",
    ),
    mutant(
        "R1 with gamma for gamma / 2",
        LOSS,
        "share: gamma as f32 / rows as f32,",
        "share: 2.0 * gamma as f32 / rows as f32,",
    ),
    mutant(
        "R2's gamma on the real samples",
        LESSON,
        "halves: [half(0), half(1)],",
        "halves: [half(1), half(0)],",
    ),
    mutant(
        "the first layer without the gradient of the loss",
        PENALTY,
        "loss: shares.map(|shares| (back.x, shares)),",
        "loss: shares.map(|shares| (back.x, shares)).filter(|_| index > 0),",
    ),
    mutant(
        "the penalty's direction without the slopes on its way",
        CONV,
        "let epilogue = Epilogue::Slope(activation);\n        let direction = Dispatch::conv(",
        "let epilogue = Epilogue::Slope(Fused::Identity);\n        let _ = activation;\n        let direction = Dispatch::conv(",
    ),
    mutant(
        "the approximated R1 without the gradient through the sample itself",
        LESSON,
        "gradients_at: rows.map(Some),",
        "gradients_at: [Some(rows[0]).filter(|_| slope == PairSlope::Logistic), Some(rows[1])],",
    ),
    mutant(
        "G's fakes compared with real samples the wrong way round",
        LESSON,
        "outputs_at: [real_at, generated_at],",
        "outputs_at: [generated_at, real_at],",
    ),
    mutant(
        "Adam's eps at least 1e-5",
        PLAYER,
        "unbias: (1.0 / grown(beta2)) as f32,\n                eps: eps as f32,",
        "unbias: (1.0 / grown(beta2)) as f32,\n                eps: eps.max(1e-5) as f32,",
    ),
    mutant(
        "Adam's bias correction of the second moment left out",
        PLAYER,
        "unbias: (1.0 / grown(beta2)) as f32,",
        "unbias: 1.0,",
    ),
    mutant(
        "Adam's update counted from 0",
        PLAYER,
        "        self.updates += 1;\n        let rule = rule(self.optimizer, self.learning_rate, self.updates);",
        "        let rule = rule(self.optimizer, self.learning_rate, self.updates.max(1));\n        self.updates += 1;",
    ),
    mutant(
        "the critic's weights not clipped",
        PLAYER,
        "self.weight_clip.map_or(f32::INFINITY, |clip| clip as f32)",
        "f32::INFINITY",
    ),
    mutant(
        "BatchNorm's momentum taken for the share of the new batch",
        BATCH_NORM,
        "keep: self.momentum as f32,",
        "keep: 1.0 - self.momentum as f32,",
    ),
    mutant(
        "the gradient toward G's output without the slope of its tanh",
        NETWORK,
        "below(&self.stages, index).unwrap_or(made_by);",
        "below(&self.stages, index).unwrap_or(Fused::Identity);",
    ),
    mutant(
        "LeakyReLU's slope left at 0.01",
        ACTIVATION,
        "Fused::LeakyRelu(self.slope as f32)",
        "Fused::LeakyRelu(self.slope.min(0.01) as f32)",
    ),
    mutant(
        "the running variance unbiased",
        CPU_NORM,
        "let now = means.iter().chain(&variances);",
        "let size = (x.len() / channels) as f32; \
         let variances: Vec<_> = variances.iter().map(|v| v * size / (size - 1.0)).collect(); \
         let now = means.iter().chain(&variances);",
    ),
    mutant(
        "BatchNorm's gradient as if the variance were a constant",
        CPU_NORM,
        "let common = (of_beta[channel] + normalised * of_gamma[channel]) * share;",
        "let common = of_beta[channel] * share + 0.0 * normalised;",
    ),
    mutant(
        "RMSProp's mean square left at its first value",
        CPU_OPTIMIZERS,
        "*v = alpha.keep * *v + alpha.take * (g * g);",
        "*v = alpha.take * (g * g);",
    ),
    mutant(
        "G's loss with the sign of the minimax game",
        LOSS,
        "LossSlope::Logistic(1.0), 1.0)",
        "LossSlope::Logistic(0.0), -1.0)",
    ),
    mutant(
        "least squares without the factor 1/2",
        LOSS,
        "0.5 * (x - target)",
        "(x - target)",
    ),
    mutant(
        "hinge with the margin on the wrong side",
        CPU_LOGITS,
        "Self::HingeReal => -f32::from(x < 1.0),",
        "Self::HingeReal => -f32::from(x < -1.0),",
    ),
];

/// Makes each mistake in turn; an error if the tests pass in spite of one, or fail without.
pub fn run() -> Result<()> {
    let copy = root().join("target/mutants");
    step("copy the sources", || copy_sources(&copy))?;
    step("the tests without a mistake", || {
        ensure!(tests_pass(&copy)?, "the tests fail as they are");
        Ok(())
    })?;
    let mut missed = Vec::new();
    for mutant in &MUTANTS {
        let path = copy.join(mutant.file);
        let source = fs::read_to_string(&path)?;
        fs::write(&path, spoilt(&source, mutant)?)?;
        let passed = step(mutant.name, || tests_pass(&copy));
        fs::write(&path, &source)?;
        let noticed = !passed?;
        println!(
            "    {}: {}",
            mutant.name,
            if noticed { "noticed" } else { "MISSED" }
        );
        if !noticed {
            missed.push(mutant.name);
        }
    }
    println!(
        "{} of {} mistakes noticed",
        MUTANTS.len() - missed.len(),
        MUTANTS.len()
    );
    ensure!(missed.is_empty(), "not noticed: {}", missed.join("; "));
    Ok(())
}

fn spoilt(source: &str, mutant: &Mutant) -> Result<String> {
    let count = source.matches(mutant.right).count();
    ensure!(
        count == 1,
        "{}: `{}` stands {count} times in {}; adapt xtask/src/mutants.rs",
        mutant.name,
        mutant.right,
        mutant.file
    );
    Ok(source.replace(mutant.right, mutant.wrong))
}

/// Copies the files that git knows or would know.
fn copy_sources(copy: &Path) -> Result<()> {
    let listed = output(command("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--deduplicate",
        "Cargo.*",
        ".cargo",
        "src",
        "tests",
        "images",
        "quality",
        "xtask",
    ]))?;
    for file in listed.lines().filter(|file| root().join(file).is_file()) {
        let target = copy.join(file);
        let folder = target.parent().expect("it lies in the copy");
        fs::create_dir_all(folder)?;
        fs::copy(root().join(file), &target).with_context(|| file.to_owned())?;
    }
    Ok(())
}

/// Whether the mistake is built and the tests pass; an error if it does not build.
fn tests_pass(copy: &Path) -> Result<bool> {
    let tests = |arguments: &[&str]| {
        let mut cargo = command("cargo");
        cargo
            .current_dir(copy)
            // A target folder of its own: cargo takes a package of the same name in another folder for the same one.
            .env("CARGO_TARGET_DIR", root().join("target/mutants-build"))
            // The runs in the copy, and no others.
            .env_remove("GAN_FIXTURES")
            .args(["test", "--quiet", "--package", "gan-playground"])
            .args(["--no-default-features", "--features", "cpu"])
            .args(["--test", "parity", "--test", "layers", "--test", "core"])
            .args(["--test", "labels", "--test", "penalties"])
            .args(arguments);
        cargo
    };
    if !tests(&["--no-run"]).status()?.success() {
        bail!("the mistake does not compile");
    }
    // The toy's long runs add nothing that the reference runs do not see.
    let run = tests(&[
        "--",
        "--skip",
        "toy",
        "--skip",
        "webgpu",
        "--skip",
        "a_mistake",
    ])
    .output()?;
    match run.status.code() {
        Some(0) => Ok(true),
        // The code that cargo exits with when tests ran and failed; a test that was killed proves nothing.
        Some(101) => Ok(false),
        _ => bail!("the tests ended with {}", run.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_can_be_made_in_the_sources_as_they_are() {
        for mutant in &MUTANTS {
            let source = fs::read_to_string(root().join(mutant.file)).expect("a source file");
            let spoilt = spoilt(&source, mutant).expect("its place is there, once");
            assert_ne!(spoilt, source, "{}", mutant.name);
        }
    }
}
