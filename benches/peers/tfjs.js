// TensorFlow.js on the workloads: its own gradients, optimizers and fused BatchNorm.

import { countedColumns, rateAt, withLabels, workloadOf } from "./networks.js";

/* global tf */

for (const file of ["tfjs/dist/tf.min.js", "tfjs-backend-wasm/dist/tf-backend-wasm.min.js", "tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js"]) {
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`node_modules/@tensorflow/${file}`, import.meta.url).href;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${file} is not installed: npm ci in benches/peers`));
    document.head.append(script);
  });
}

/**
 * @param {"wasm" | "webgpu" | "webgl"} device
 * @returns what www/bench/bench.js offers
 */
export async function open(device) {
  if (device === "wasm") tf.wasm.setWasmPaths(new URL("node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).href);
  if (!await tf.setBackend(device)) throw new Error(`TensorFlow.js has no ${device} here`);
  await tf.ready();
  if (device === "wasm") registerFilterGradient();
  let run = null;
  return {
    name: `TensorFlow.js ${tf.getBackend()}`,
    async init(name, _seed, inputs) {
      tf.disposeVariables();
      const workload = workloadOf(name);
      const { beta1, beta2, eps } = workload.adam ?? {};
      const optimizer = () => (workload.adam ? tf.train.adam(workload.rate, beta1, beta2, eps) : tf.train.sgd(workload.rate));
      const running = {};
      for (const layer of workload.g) {
        if (layer.kind !== "norm") continue;
        running[`mean${layer.index}`] = tf.variable(tf.zeros([layer.channels]), false);
        running[`var${layer.index}`] = tf.variable(tf.ones([layer.channels]), false);
      }
      run = {
        workload, inputs, running,
        g: variables(workload.g, inputs.weights.g), d: variables(workload.d, inputs.weights.d),
        optimizers: { g: optimizer(), d: optimizer() },
        updates: 0,
      };
    },
    async step() {
      return losses(queue());
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
      const { workload, inputs, g, running } = run;
      const samples = tf.tidy(() => {
        const z = tf.tensor2d(inputs.nextSampleZ(n), [n, workload.latent]);
        return forward(workload, workload.g, g, z, { use: running });
      });
      const values = await samples.data();
      samples.dispose();
      return values;
    },
  };

  function queue() {
    const { workload, inputs, g, d, running } = run;
    if (workload.classes > 0) return queueLabelled();
    const rows = (values) => tf.tensor2d(values, [workload.batch, values.length / workload.batch]);
    const { batch } = workload;
    const judged = (samples, labels) => crossEntropy(forward(workload, workload.d, d, samples), labels);
    return tf.tidy(() => {
      const real = rows(inputs.nextReal());
      const z1 = rows(inputs.nextZ());
      const ones = tf.ones([batch, 1]);
      if (workload.isToy) {
        const realLoss = update("d", () => judged(real, ones));
        const fakes = forward(workload, workload.g, g, z1);
        const fakeLoss = update("d", () => judged(fakes, tf.zerosLike(ones)));
        const gLoss = update("g", () => judged(forward(workload, workload.g, g, z1), ones));
        return tf.stack([realLoss.add(fakeLoss), gLoss]);
      }
      const z2 = rows(inputs.nextZ());
      const fakes = forward(workload, workload.g, g, z1, { move: running });
      const labels = tf.concat([ones, tf.zerosLike(ones)]);
      const dLoss = update("d", () => judged(tf.concat([real, fakes]), labels));
      const gLoss = update("g", () => judged(forward(workload, workload.g, g, z2, { move: running }), ones));
      return tf.stack([dLoss, gLoss]);
    });
  }

  /**
   * A step with labels and the exact R1 penalty, which is written as it is defined: the gradient of D's outputs by the pixels, taken inside
   * the function whose gradient by D's weights is taken (TensorFlow.js nests them; but see `leaky`).
   */
  function queueLabelled() {
    const { workload, inputs, g, d, running, optimizers } = run;
    const { batch, classes } = workload;
    const rows = (values) => tf.tensor2d(values, [batch, values.length / batch]);
    const judged = (samples, columns) => forward(workload, workload.d, d, samples, { columns });
    const labelled = () => {
      const z = inputs.nextZ();
      const labels = inputs.nextFakeLabels();
      return { z: rows(withLabels(labels, classes, z)), columns: rows(countedColumns(labels, classes)) };
    };
    run.updates++;
    for (const optimizer of Object.values(optimizers)) optimizer.learningRate = rateAt(workload, run.updates);
    return tf.tidy(() => {
      const real = rows(inputs.nextReal());
      const realColumns = rows(countedColumns(inputs.nextLabels(), classes));
      const [forD, forG] = [labelled(), labelled()];
      const ones = tf.ones([batch, 1]);
      const fakes = forward(workload, workload.g, g, forD.z, { move: running });
      let parts;
      update("d", () => {
        const { value: rawReal, grad: slope } = tf.valueAndGrad((samples) => judged(samples, realColumns))(real, ones);
        const bothLosses = crossEntropy(rawReal, ones).add(crossEntropy(judged(fakes, forD.columns), tf.zerosLike(ones)));
        parts = [tf.keep(bothLosses.mul(0.5)), tf.keep(slope.square().sum().mul(workload.r1 / 2 / batch))];
        return parts[0].add(parts[1]);
      }).dispose();
      const gLoss = update("g", () => crossEntropy(judged(forward(workload, workload.g, g, forG.z, { move: running }), forG.columns), ones));
      const output = tf.stack([parts[0], gLoss, parts[1]]);
      tf.dispose(parts);
      return output;
    });
  }

  /** One update of a network; gives the loss before it. */
  function update(network, loss) {
    const { value, grads } = tf.variableGrads(loss, Object.values(run[network]));
    run.optimizers[network].applyGradients(grads);
    return value;
  }

  async function losses(output) {
    const [dLoss, gLoss, r1] = await output.data();
    output.dispose();
    return run.workload.r1 ? { dLoss, gLoss, r1 } : { dLoss, gLoss };
  }
}

/** Weights as TensorFlow.js has them: a convolution's are [height, width, in, out], its transpose's [height, width, out, in]. */
function variables(layers, tensors) {
  const isConvolution = (name) => layers.some((layer) => layer.kind.startsWith("conv") && name === `w${layer.index}`);
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, data }]) => {
    const value = tf.tensor(data, shape);
    return [name, tf.variable(isConvolution(name) ? value.transpose([2, 3, 1, 0]) : value)];
  }));
}

/** Pictures are [batch, height, width, channels] between layers, and flat in the order channel, row, column. */
function forward(workload, layers, weights, x, { move, use, columns } = {}) {
  const { stride, slope } = workload;
  for (const layer of layers) {
    const own = (name) => weights[`${name}${layer.index}`];
    switch (layer.kind) {
      case "dense":
        x = tf.matMul(x, own("w")).add(own("b"));
        break;
      case "project":
        x = tf.matMul(x, own("w")).mul(columns).sum(1, true).add(own("b"));
        break;
      case "conv": // At these sizes "same" is a padding of 1.
        x = tf.conv2d(x, own("w"), stride, "same").add(own("b"));
        break;
      case "convTranspose": {
        const [batch, height, width] = x.shape;
        x = tf.conv2dTranspose(x, own("w"), [batch, height * stride, width * stride, layer.to], stride, "same").add(own("b"));
        break;
      }
      case "norm": {
        const keys = [`mean${layer.index}`, `var${layer.index}`];
        const { mean, variance } = use
          ? { mean: use[keys[0]], variance: use[keys[1]] }
          : tf.moments(x, x.shape.slice(0, -1).map((_, axis) => axis));
        if (move) {
          const { momentum } = workload.norm;
          move[keys[0]].assign(move[keys[0]].mul(momentum).add(mean.mul(1 - momentum)));
          move[keys[1]].assign(move[keys[1]].mul(momentum).add(variance.mul(1 - momentum)));
        }
        x = tf.batchNorm(x, mean, variance, own("beta"), own("gamma"), workload.norm.eps);
        break;
      }
      case "leaky":
        x = workload.r1 === null ? tf.leakyRelu(x, slope) : leaky(x, slope);
        break;
      case "tanh":
        x = tf.tanh(x);
        break;
      case "sigmoid":
        x = tf.sigmoid(x);
        break;
      case "picture":
        x = x.reshape([-1, ...layer.shape]).transpose([0, 2, 3, 1]);
        break;
      case "flatten":
        x = x.transpose([0, 3, 1, 2]).reshape([x.shape[0], -1]);
        break;
    }
  }
  return x;
}

function crossEntropy(logits, labels) {
  return tf.softplus(logits).sub(labels.mul(logits)).mean();
}

/**
 * LeakyReLU with a gradient that has a gradient: TensorFlow.js' own ends in an error there ("gradient function not found for Greater"). The
 * slopes are computed where no tape runs, so that they are constants to both gradients.
 */
function leaky(x, slope) {
  return tf.customGrad((input, save) => {
    const slopes = tf.step(input, slope);
    save([slopes]);
    return { value: input.mul(slopes), gradFunc: (dy, [saved]) => dy.mul(saved) };
  })(x);
}

/**
 * The WASM backend has no gradient of a convolution by its weights. Ours is a convolution again: channels are its rows, rows its channels,
 * and the stride its dilation.
 */
function registerFilterGradient() {
  tf.registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName: "wasm",
    kernelFunc: ({ inputs: { x, dy }, attrs: { strides, filterShape } }) => tf.tidy(() => {
      const [kernelHeight, kernelWidth] = filterShape;
      const stride = Array.isArray(strides) ? strides[0] : strides;
      const [, height, width] = dy.shape;
      // Padding as "same" has it for this kernel: what the windows need beyond the picture, the smaller half before it.
      const pad = (windows, kernel, size) => {
        const total = Math.max(0, (windows - 1) * stride + kernel - size);
        return [total >> 1, total - (total >> 1)];
      };
      const padded = tf.pad(x, [[0, 0], pad(height, kernelHeight, x.shape[1]), pad(width, kernelWidth, x.shape[2]), [0, 0]]);
      const gradient = tf.conv2d(padded.transpose([3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), 1, "valid", "NHWC", stride);
      return gradient.slice([0, 0, 0, 0], [-1, kernelHeight, kernelWidth, -1]).transpose([1, 2, 0, 3]);
    }),
  });
}
