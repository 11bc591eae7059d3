"""The preset mnist-dcgan in PyTorch, scored by the classifier of this folder: what our engine's quality is compared with.

    cargo xtask data                              # once, for the MNIST files under target/data
    python3 -m venv ../venv && ../venv/bin/pip install torch numpy
    ../venv/bin/python quality/pytorch.py 1     # seed

Prints the Frechet distance of 5,000 samples to the first 5,000 training images, by the raw and by the averaged generator.
"""

import copy
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parent
MNIST = ROOT.parent / "target/data/mnist"
BATCH, LATENT, SAMPLES, CHECKPOINTS = 64, 64, 5000, (500, 1000)


def images():
    pixels = np.fromfile(MNIST / "train-images-idx3-ubyte", np.uint8)[16:]
    return torch.tensor(pixels.reshape(-1, 1, 28, 28).astype(np.float32) / 127.5 - 1)


class Classifier:
    """Features of classifier-mnist.bin; its layers are those of ../src/judge/classifier.rs."""

    def __init__(self):
        values, at = np.fromfile(ROOT / "classifier-mnist.bin", "<f4"), 0
        shapes = [(16, 1, 5, 5), (16,), (32, 16, 5, 5), (32,), (32 * 49, 64), (64,), (64, 10), (10,)]
        self.tensors = []
        for shape in shapes:
            size = int(np.prod(shape))
            self.tensors.append(torch.tensor(values[at : at + size].reshape(shape)))
            at += size
        assert at == len(values)

    def features(self, x):
        w1, b1, w2, b2, w3, b3, _, _ = self.tensors
        x = F.leaky_relu(F.conv2d(x, w1, b1, 2, 2), 0.2)
        x = F.leaky_relu(F.conv2d(x, w2, b2, 2, 2), 0.2)
        return F.leaky_relu(x.flatten(1) @ w3 + b3, 0.2)


def moments(features):
    features = features.double().numpy()
    return features.mean(0), np.cov(features, rowvar=False)


def root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def frechet(a, b):
    (mean_a, cov_a), (mean_b, cov_b) = a, b
    half = root(cov_a)
    return ((mean_a - mean_b) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root(half @ cov_b @ half))


def networks():
    norm = {"eps": 1e-3, "momentum": 0.2}  # PyTorch's momentum is the share of the new batch
    leaky = nn.LeakyReLU(0.2)
    generator = nn.Sequential(
        nn.Linear(LATENT, 3136), nn.BatchNorm1d(3136, **norm), leaky, nn.Unflatten(1, (64, 7, 7)),
        nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32, **norm), leaky,
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), leaky,
        nn.Conv2d(32, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64, **norm), leaky,
        nn.Flatten(), nn.Linear(3136, 1),
    )
    for layer in [*generator, *discriminator]:
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return generator, discriminator


def follow(average, network, updates):
    keep = min(0.995, (1 + updates) / (10 + updates))
    with torch.no_grad():
        for old, new in zip(average.state_dict().values(), network.state_dict().values()):
            old.copy_(keep * old + (1 - keep) * new if old.is_floating_point() else new)


def main(seed):
    torch.manual_seed(seed)
    real_images, classifier = images(), Classifier()
    reference = moments(classifier.features(real_images[:SAMPLES]))
    generator, discriminator = networks()
    average, latents = copy.deepcopy(generator), torch.randn(SAMPLES, LATENT)
    adam = {"lr": 1e-3, "betas": (0.5, 0.999), "eps": 1e-7}
    for_g = torch.optim.Adam(generator.parameters(), **adam)
    for_d = torch.optim.Adam(discriminator.parameters(), **adam)

    def score(network):
        network.eval()
        with torch.no_grad():
            samples = torch.cat([network(part) for part in latents.split(500)])
            samples = ((samples + 1) * 127.5).round() / 127.5 - 1
            distance = frechet(reference, moments(classifier.features(samples)))
        network.train()
        return distance

    for step in range(1, CHECKPOINTS[-1] + 1):
        real = real_images[torch.randint(0, len(real_images), (BATCH,))]
        with torch.no_grad():
            fake = generator(torch.randn(BATCH, LATENT))
        loss = F.relu(1 - discriminator(real)).mean() + F.relu(1 + discriminator(fake)).mean()
        for_d.zero_grad()
        loss.backward()
        for_d.step()
        loss = -discriminator(generator(torch.randn(BATCH, LATENT))).mean()
        for_g.zero_grad()
        loss.backward()
        for_g.step()
        follow(average, generator, step - 1)
        if step in CHECKPOINTS:
            print(f"step {step}: raw {score(generator):.1f}, averaged {score(average):.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
