import assert from "node:assert/strict";
import { test } from "node:test";
import { openSoonest } from "../../www/worker/sessions.js";

/**
 * @param {"cpu" | "webgpu"} backend
 * @param {string[]} freed told of the session's end
 * @returns {any} an open session
 */
const opened = (backend, freed) => ({ session: { info: () => ({ backend }), free: () => freed.push(backend) } });

/** @returns {{promise: Promise<any>, resolve: (value: unknown) => void}} */
function pending() {
  let resolve = /** @type {(value: unknown) => void} */ (() => {});
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

/** @returns {Promise<void>} settles when everything that was settled before is heard */
const rest = () => new Promise((resolve) => setTimeout(resolve));

test("the CPU's session is taken while the GPU's is awaited", async () => {
  const arrival = pending();
  const freed = /** @type {string[]} */ ([]);
  const { opened: first, later } = await openSoonest((backend) => (backend === "cpu" ? Promise.resolve(opened("cpu", freed)) : arrival.promise));
  assert.equal(first.session.info().backend, "cpu");
  arrival.resolve(opened("webgpu", freed));
  assert.equal((await later)?.session.info().backend, "webgpu");
  assert.deepEqual(freed, []);
});

test("a GPU's session that is there first is the only one", async () => {
  const arrival = pending();
  const freed = /** @type {string[]} */ ([]);
  const { opened: first, later } = await openSoonest((backend) => (backend === "webgpu" ? Promise.resolve(opened("webgpu", freed)) : arrival.promise));
  assert.equal(first.session.info().backend, "webgpu");
  assert.equal(later, null);
  arrival.resolve(opened("cpu", freed));
  await rest();
  assert.deepEqual(freed, ["cpu"]);
});

test("one that fails leaves the other; if both do, the CPU's error is told", async () => {
  const failing = (/** @type {string} */ backend) => Promise.reject(new Error(`no ${backend}`));
  const only = (/** @type {"cpu" | "webgpu"} */ good) => (/** @type {"cpu" | "webgpu"} */ backend) => (
    backend === good ? Promise.resolve(opened(backend, [])) : failing(backend)
  );
  const gpuAlone = await openSoonest(only("webgpu"));
  assert.equal(gpuAlone.opened.session.info().backend, "webgpu");
  assert.equal(gpuAlone.later, null);
  const cpuAlone = await openSoonest(only("cpu"));
  assert.equal(cpuAlone.opened.session.info().backend, "cpu");
  await assert.rejects(async () => cpuAlone.later, /no webgpu/);
  await assert.rejects(openSoonest(failing), /no cpu/);
  await rest();
});
