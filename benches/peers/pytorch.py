"""The workloads digits-b32 and digits-b64 in PyTorch, on one thread.

compare.js starts it. On stdin it takes lines of JSON, `{"arrays": {name: shape}}`, each followed by the values as little-endian float32: first
the weights, named "g.w0" and so on, with the workload's figures beside them, then the inputs of a step, again and again. To each it answers
with a line of JSON: the milliseconds that it took, and the losses of a step.
"""

import json
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

INPUTS, OUTPUTS = sys.stdin.buffer, sys.stdout


def receive():
    """The next request and its tensors; None at the end."""
    line = INPUTS.readline()
    if not line:
        return None
    request = json.loads(line)
    tensors = {}
    for name, shape in request["arrays"].items():
        size = int(np.prod(shape))
        tensors[name] = torch.from_numpy(np.frombuffer(INPUTS.read(4 * size), "<f4").reshape(shape).copy())
    return request, tensors


def answer(**values):
    print(json.dumps(values), file=OUTPUTS, flush=True)


def leaky(x):
    return F.leaky_relu(x, 0.2)


def norm(weights, index, x):
    """BatchNorm by the statistics of the batch, which the running ones follow."""
    running = (weights[f"mean{index}"], weights[f"var{index}"])
    # PyTorch's momentum is the share of the new batch.
    return leaky(F.batch_norm(x, *running, weights[f"gamma{index}"], weights[f"beta{index}"], True, momentum=0.2, eps=1e-3))


def generate(g, z):
    """Samples [batch, 784] of latents that end in one-hot labels."""
    x = norm(g, 0, z @ g["w0"] + g["b0"])
    x = norm(g, 1, x @ g["w1"] + g["b1"]).reshape(-1, 16, 7, 7)
    x = norm(g, 2, F.conv_transpose2d(x, g["w2"], g["b2"], 2, 1))
    return torch.tanh(F.conv_transpose2d(x, g["w3"], g["b3"], 2, 1)).flatten(1)


def judge(d, samples, columns):
    """Raw outputs [batch, 1]; `columns` [batch, 11] says which outputs of the last layer count: the first and the class's own."""
    x = leaky(F.conv2d(samples.reshape(-1, 1, 28, 28), d["w0"], d["b0"], 2, 1))
    x = leaky(F.conv2d(x, d["w1"], d["b1"], 2, 1)).flatten(1)
    x = leaky(x @ d["w2"] + d["b2"])
    return (x @ d["w3"] * columns).sum(1, keepdim=True) + d["b3"]


class Run:
    def __init__(self, workload, weights):
        self.gamma, adam = workload["r1"], workload["adam"]
        self.g, self.d = ({key[2:]: value.requires_grad_() for key, value in weights.items() if key[0] == network} for network in "gd")
        trained = {"g": list(self.g.values()), "d": list(self.d.values())}
        for key in [key for key in self.g if key.startswith("gamma")]:
            index = key[len("gamma"):]
            self.g[f"mean{index}"], self.g[f"var{index}"] = torch.zeros(len(self.g[key])), torch.ones(len(self.g[key]))
        betas = (adam["beta1"], adam["beta2"])
        self.optimizers = [torch.optim.Adam(trained[network], lr=1.0, betas=betas, eps=adam["eps"]) for network in "gd"]

    def step(self, rate, real, realColumns, z1, columns1, z2, columns2):
        for_g, for_d = self.optimizers
        for optimizer in self.optimizers:
            optimizer.param_groups[0]["lr"] = rate
        with torch.no_grad():
            fakes = generate(self.g, z1)
        real.requires_grad_()
        on_real, on_fakes = judge(self.d, real, realColumns), judge(self.d, fakes, columns1)
        slope = torch.autograd.grad(on_real.sum(), real, create_graph=True)[0]
        d_loss = 0.5 * (F.softplus(-on_real).mean() + F.softplus(on_fakes).mean())
        r1 = 0.5 * self.gamma * slope.square().sum(1).mean()
        for_d.zero_grad()
        (d_loss + r1).backward()
        for_d.step()
        g_loss = F.softplus(-judge(self.d, generate(self.g, z2), columns2)).mean()
        for_g.zero_grad()
        g_loss.backward()
        for_g.step()
        return {"dLoss": d_loss.item(), "gLoss": g_loss.item(), "r1": r1.item()}


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    answer(name=f"PyTorch {torch.__version__}, one thread")
    run = None
    while (message := receive()) is not None:
        request, tensors = message
        start = time.perf_counter()
        if run is None:
            run, losses = Run(request["workload"], tensors), None
        else:
            losses = run.step(request["rate"], **tensors)
        answer(ms=1000 * (time.perf_counter() - start), losses=losses)


if __name__ == "__main__":
    main()
