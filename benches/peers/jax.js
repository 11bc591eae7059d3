// jax-js on the workloads: a whole step is one jitted function, its losses one array.

import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad, vjp } from "@jax-js/jax";
import { countedColumns, rateAt, withLabels, workloadOf } from "./networks.js";

/**
 * @param {"wasm" | "webgpu" | "webgl"} device
 * @returns what www/bench/bench.js offers
 */
export async function open(device) {
  await init(device);
  defaultDevice(device);
  let run = null;
  return {
    name: `jax-js ${device}`,
    async init(name, _seed, inputs) {
      const workload = workloadOf(name);
      const upload = (tensors) => Object.fromEntries(
        Object.entries(tensors).map(([key, { shape, data }]) => [key, np.array(data).reshape(shape)]));
      const zeros = (tensors) => Object.fromEntries(Object.entries(tensors).map(([key, { shape }]) => [key, np.zeros(shape)]));
      const [g, d] = [upload(inputs.weights.g), upload(inputs.weights.d)];
      const running = {};
      for (const layer of workload.g) {
        if (layer.kind !== "norm") continue;
        running[`mean${layer.index}`] = np.zeros([layer.channels]);
        running[`var${layer.index}`] = np.ones([layer.channels]);
      }
      const moments = workload.adam && {
        g: { m: zeros(inputs.weights.g), v: zeros(inputs.weights.g) },
        d: { m: zeros(inputs.weights.d), v: zeros(inputs.weights.d) },
      };
      run = {
        workload, inputs,
        state: workload.isToy ? { g, d } : { g, d, running, moments },
        step: jit(stepOf(workload)),
        sample: jit((weights, statistics, z) => forward(workload, workload.g, weights, z, { use: statistics })[0]),
        updates: 0,
      };
    },
    async step() {
      return losses(await queue());
    },
    async steps(k) {
      let last;
      for (let i = 0; i < k; i++) {
        last?.dispose();
        last = queue();
      }
      return losses(last);
    },
    async sample(n) {
      const { workload, inputs, state, sample } = run;
      const z = np.array(inputs.nextSampleZ(n)).reshape([n, workload.latent]);
      return sample(tree.ref(state.g), tree.ref(state.running), z).data();
    },
  };

  function queue() {
    const { workload, inputs, step } = run;
    const array = (values) => np.array(values).reshape([workload.batch, values.length / workload.batch]);
    const real = array(inputs.nextReal());
    // Latents with their labels: what G takes, and which of D's outputs count.
    const labelled = () => {
      const z = inputs.nextZ();
      const labels = inputs.nextFakeLabels();
      return { z: array(withLabels(labels, workload.classes, z)), columns: array(countedColumns(labels, workload.classes)) };
    };
    let output;
    if (workload.isToy) {
      [run.state, output] = step(run.state, real, array(inputs.nextZ()));
    } else {
      run.updates++;
      const { beta1, beta2 } = workload.adam;
      const factors = np.array([rateAt(workload, run.updates) / (1 - beta1 ** run.updates), 1 / (1 - beta2 ** run.updates)]);
      [run.state, output] = workload.classes > 0
        ? step(run.state, real, array(countedColumns(inputs.nextLabels(), workload.classes)), labelled(), labelled(), factors)
        : step(run.state, real, array(inputs.nextZ()), array(inputs.nextZ()), factors);
    }
    return output;
  }

  async function losses(output) {
    const values = await output.data();
    if (!run.workload.r1) return { dLoss: values[0], gLoss: values[1] };
    return { dLoss: values[0], r1: values[1], gLoss: values[2] };
  }
}

function stepOf(workload) {
  if (workload.isToy) return toyStep(workload);
  return workload.classes > 0 ? labelledStep(workload) : step(workload);
}

/** One joint update of D and one of G. */
function step(workload) {
  const discriminatorLoss = (d, samples) => {
    const labels = np.concatenate([np.ones([workload.batch, 1]), np.zeros([workload.batch, 1])]);
    return crossEntropy(forward(workload, workload.d, d, samples)[0], labels);
  };
  const generatorLoss = (g, z, running, d) => {
    const [fakes, moved] = forward(workload, workload.g, g, z, { move: running });
    return [crossEntropy(forward(workload, workload.d, d, fakes)[0], np.ones([workload.batch, 1])), moved];
  };
  return ({ g, d, running, moments }, real, z1, z2, factors) => {
    const [fakes, running1] = forward(workload, workload.g, tree.ref(g), z1, { move: running });
    const [dLoss, dGradient] = valueAndGrad(discriminatorLoss)(tree.ref(d), np.concatenate([real, lax.stopGradient(fakes)]));
    const [d1, dMoments] = adam(workload, d, dGradient, moments.d, factors.ref);
    const [[gLoss, running2], gGradient] = valueAndGrad(generatorLoss, { hasAux: true })(tree.ref(g), z2, running1, tree.ref(d1));
    const [g1, gMoments] = adam(workload, g, gGradient, moments.g, factors);
    return [{ g: g1, d: d1, running: running2, moments: { g: gMoments, d: dMoments } }, np.stack([dLoss, gLoss])];
  };
}

/**
 * As `step`, with labels and the exact R1 penalty, which is written as it is defined: the gradient of D's outputs by the pixels, taken inside
 * the function whose gradient by D's weights is taken (reverse over reverse). By `vjp`, because jax-js 0.1.25 loses count of its traces in
 * nested gradients, and then what `hasAux` gives out is left unlowered ("Can't lift Tracer level").
 */
function labelledStep(workload) {
  const judge = (d, samples, columns) => forward(workload, workload.d, d, samples, { columns })[0];
  const ones = () => np.ones([workload.batch, 1]);
  const discriminatorLosses = (d, real, realColumns, fakes, fakeColumns) => {
    const [rawReal, backward] = vjp((samples) => judge(tree.ref(d), samples, realColumns), [real]);
    const [slope] = backward(ones());
    backward.dispose();
    const rawFake = judge(d, fakes, fakeColumns);
    const loss = crossEntropy(rawReal, ones()).add(crossEntropy(rawFake, ones().mul(0))).mul(0.5);
    const r1 = np.sum(np.square(slope)).mul(workload.r1 / 2 / workload.batch);
    return np.stack([loss, r1]);
  };
  const generatorLoss = (g, z, columns, running, d) => {
    const [fakes, moved] = forward(workload, workload.g, g, z, { move: running });
    return [crossEntropy(judge(d, fakes, columns), ones()), moved];
  };
  return ({ g, d, running, moments }, real, realColumns, forD, forG, factors) => {
    const [fakes, running1] = forward(workload, workload.g, tree.ref(g), forD.z, { move: running });
    const [parts, backward] = vjp((weights) => discriminatorLosses(weights, real, realColumns, fakes, forD.columns), [tree.ref(d)]);
    const [dGradient] = backward(np.ones([2])); // That of their sum.
    backward.dispose();
    const [d1, dMoments] = adam(workload, d, dGradient, moments.d, factors.ref);
    const [[gLoss, running2], gGradient] = valueAndGrad(generatorLoss, { hasAux: true })(tree.ref(g), forG.z, forG.columns, running1, tree.ref(d1));
    const [g1, gMoments] = adam(workload, g, gGradient, moments.g, factors);
    return [{ g: g1, d: d1, running: running2, moments: { g: gMoments, d: dMoments } }, np.concatenate([parts, gLoss.reshape([1])])];
  };
}

/** D on a face, D on the fake, then G. */
function toyStep(workload) {
  const loss = (label) => (d, samples) => crossEntropy(forward(workload, workload.d, d, samples)[0], np.full([1, 1], label));
  const generatorLoss = (g, z, d) => loss(1)(d, forward(workload, workload.g, g, z)[0]);
  const descend = (weights, gradient) => tree.map((p, dp) => p.sub(dp.mul(workload.rate)), weights, gradient);
  return ({ g, d }, real, z) => {
    const [realLoss, gradient1] = valueAndGrad(loss(1))(tree.ref(d), real);
    const d1 = descend(d, gradient1);
    const fakes = forward(workload, workload.g, tree.ref(g), z.ref)[0];
    const [fakeLoss, gradient2] = valueAndGrad(loss(0))(tree.ref(d1), fakes);
    const d2 = descend(d1, gradient2);
    const [gLoss, gradient3] = valueAndGrad(generatorLoss)(tree.ref(g), z, tree.ref(d2));
    return [{ g: descend(g, gradient3), d: d2 }, np.stack([realLoss.add(fakeLoss), gLoss])];
  };
}

/**
 * @param statistics `{ move }`: of the batch, with the running ones moved; `{ use }`: the running ones
 * @param statistics.columns which outputs of D's last layer count, where it knows of labels
 * @returns the output and the moved running statistics
 */
function forward(workload, layers, weights, x, { move, use, columns } = {}) {
  const { stride, padding, slope } = workload;
  const moved = {};
  for (const layer of layers) {
    const own = (name) => weights[`${name}${layer.index}`];
    switch (layer.kind) {
      case "dense":
        x = (columns ? product : np.matmul)(x, own("w")).add(own("b"));
        break;
      case "project":
        x = np.sum(product(x, own("w")).mul(columns), 1, { keepdims: true }).add(own("b"));
        break;
      case "conv":
        x = lax.convGeneralDilated(x, own("w"), [stride, stride], [[padding, padding], [padding, padding]]).add(own("b").reshape([1, -1, 1, 1]));
        break;
      case "convTranspose": {
        const pads = [[padding, padding], [padding, padding]];
        x = lax.convTranspose(x, own("w"), [stride, stride], pads, { transposeKernel: true }).add(own("b").reshape([1, -1, 1, 1]));
        break;
      }
      case "norm": {
        const axes = x.shape.length === 2 ? [0] : [0, 2, 3];
        const across = x.shape.length === 2 ? [1, -1] : [1, -1, 1, 1];
        let mean, variance;
        if (use) {
          [mean, variance] = [use[`mean${layer.index}`], use[`var${layer.index}`]];
        } else {
          mean = np.mean(x.ref, axes);
          variance = np.mean(np.square(x.ref.sub(mean.ref.reshape(across))), axes);
          if (move) {
            for (const [name, value] of [["mean", mean], ["var", variance]]) {
              const key = `${name}${layer.index}`;
              moved[key] = move[key].mul(workload.norm.momentum).add(lax.stopGradient(value.ref).mul(1 - workload.norm.momentum));
            }
          }
        }
        const scale = own("gamma").div(np.sqrt(variance.add(workload.norm.eps)));
        x = x.sub(mean.reshape(across)).mul(scale.reshape(across)).add(own("beta").reshape(across));
        break;
      }
      case "leaky":
        x = nn.leakyRelu(x, slope);
        break;
      case "tanh":
        x = np.tanh(x);
        break;
      case "sigmoid":
        x = nn.sigmoid(x);
        break;
      case "picture":
        x = x.reshape([-1, ...layer.shape]);
        break;
      case "flatten":
        x = x.reshape([x.shape[0], -1]);
        break;
    }
  }
  return [x, moved];
}

/**
 * A matrix product as a 1 × 1 convolution. On WASM the gradient of `np.matmul`'s gradient comes out wrong in jax-js 0.1.25, from a width of 16
 * on; that of a convolution is right.
 */
function product(x, w) {
  const [rows, from] = x.shape;
  const kernel = w.transpose();
  const to = kernel.shape[0];
  return lax.convGeneralDilated(x.reshape([rows, from, 1, 1]), kernel.reshape([to, from, 1, 1]), [1, 1], [[0, 0], [0, 0]]).reshape([rows, to]);
}

function crossEntropy(logits, labels) {
  return np.mean(nn.softplus(logits.ref).sub(labels.mul(logits)));
}

/** `factors`: the learning rate over the correction of the first moment, and 1 over that of the second. */
function adam({ adam: { beta1, beta2, eps } }, weights, gradients, { m, v }, factors) {
  const [c1, c2] = np.split(factors, 2);
  const next = { weights: {}, m: {}, v: {} };
  for (const name of Object.keys(weights)) {
    const m1 = m[name].mul(beta1).add(gradients[name].ref.mul(1 - beta1));
    const v1 = v[name].mul(beta2).add(np.square(gradients[name]).mul(1 - beta2));
    const root = np.sqrt(v1.ref.mul(c2.ref)).add(eps);
    next.weights[name] = weights[name].sub(m1.ref.mul(c1.ref).div(root));
    next.m[name] = m1;
    next.v[name] = v1;
  }
  c1.dispose();
  c2.dispose();
  return [next.weights, { m: next.m, v: next.v }];
}
