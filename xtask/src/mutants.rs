//! `cargo xtask mutants`: plausible mistakes made in the engine's source, one at a time; the tests must notice each.
//!
//! The work is done in a copy, `target/mutants`, so an interrupted run leaves the sources as they were. It takes five
//! minutes and half a minute a mistake on two cores, and is no part of `cargo xtask test`.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{command, output, root, step};

/// One mistake: its name, the file it is made in, what stands there once and only once, and what stands there then.
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

const TRAINER: &str = "src/trainer.rs";
const PLAYER: &str = "src/trainer/player.rs";
const NETWORK: &str = "src/network.rs";
const LOSS: &str = "src/loss.rs";

const MUTANTS: [Mutant; 16] = [
    mutant(
        "labels of real samples and fakes swapped",
        TRAINER,
        "loss.real(real_logits.clone()),\n                loss.fake(fake_logits.clone()),",
        "loss.fake(real_logits.clone()),\n                loss.real(fake_logits.clone()),",
    ),
    mutant(
        "G updated in D's phase too",
        TRAINER,
        "            let fake = self.fakes(batch.latents);\n            if self",
        "            self.generator_phase(vec![batch.latents.clone()]);\n            let fake = self.fakes(batch.latents);\n            if self",
    ),
    mutant(
        "G updated before D",
        TRAINER,
        "                let discriminator = self.discriminator_phase(batches);\n                (discriminator, self.generator_phase(generator_latents))",
        "                let generator = self.generator_phase(generator_latents);\n                (self.discriminator_phase(batches), generator)",
    ),
    mutant(
        "every update of D on the first real batch",
        TRAINER,
        "let parts = real.into_iter().zip(latents).zip(shares);",
        "let parts = vec![real[0].clone(); updates].into_iter().zip(latents).zip(shares);",
    ),
    mutant(
        "Keras' fakes by batch statistics",
        TRAINER,
        "UpdateOrder::KerasTwoUpdates => Pass::Running,",
        "UpdateOrder::KerasTwoUpdates => Pass::Train(&mut self.dropout),",
    ),
    mutant(
        "the penalty looks at the fakes only",
        TRAINER,
        "let points = share.clone() * real + (share.neg().add_scalar(1.0)) * fake;",
        "let points = (share.clone() * real).mul_scalar(0.0) + (share.neg().add_scalar(1.0)) * fake;",
    ),
    mutant(
        "Adam's eps left at Burn's default",
        PLAYER,
        "                .with_beta_2(beta2 as f32)\n                .with_epsilon(eps as f32)",
        "                .with_beta_2(beta2 as f32)\n                .with_epsilon(eps.max(1.0) as f32 * 1e-5)",
    ),
    mutant(
        "RMSProp's momentum left at Burn's default",
        PLAYER,
        ".with_momentum(0.0)\n                .init(),",
        ".with_momentum(0.9)\n                .init(),",
    ),
    mutant(
        "Adam's bias correction of the second moment left out (as it is at the first step)",
        PLAYER,
        "self.optimizer.step(self.learning_rate, thawed, gradients)",
        "self.optimizer.step(self.learning_rate / 0.0316, thawed, gradients)",
    ),
    mutant(
        "the critic's weights not clipped",
        PLAYER,
        "Some(bound) => moved.clamp(bound),",
        "Some(_) => moved,",
    ),
    mutant(
        "BatchNorm's momentum taken for the share of the new batch",
        NETWORK,
        "keep: momentum,",
        "keep: 1.0 - momentum,",
    ),
    mutant(
        "the running variance unbiased",
        NETWORK,
        "follow(&mut self.running_var, batch.variance);",
        "follow(&mut self.running_var, batch.variance.mul_scalar(8.0 / 7.0));",
    ),
    mutant(
        "LeakyReLU's slope left at 0.01",
        NETWORK,
        "leaky_relu(x, slope)",
        "leaky_relu(x, slope.min(0.01))",
    ),
    mutant(
        "G's loss with the sign of the minimax game",
        LOSS,
        "Self::Bce { .. } => softplus(logits.neg(), 1.0).mean(),",
        "Self::Bce { .. } => softplus(logits, 1.0).mean().neg(),",
    ),
    mutant(
        "least squares without the factor 1/2",
        LOSS,
        ".mul_scalar(0.5)",
        "",
    ),
    mutant(
        "hinge with the margin on the wrong side",
        LOSS,
        "Self::Hinge => relu(logits.neg().add_scalar(1.0)).mean(),",
        "Self::Hinge => relu(logits.neg().sub_scalar(1.0)).mean(),",
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
            // Its own: cargo takes a package of the same name in another folder for the same one.
            .env("CARGO_TARGET_DIR", root().join("target/mutants-build"))
            .env("GAN_FIXTURES", root().join("tests/fixtures/steps"))
            .args(["test", "--quiet", "--package", "gan-playground"])
            .args(["--no-default-features", "--features", "cpu"])
            .args(["--test", "parity", "--test", "layers", "--test", "core"])
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
        // What cargo says when tests ran and failed; a test that was killed proves nothing.
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
