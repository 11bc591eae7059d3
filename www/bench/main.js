// The benchmark page: a table of all workloads for people, and `window.bench` for scripts.

import { element } from "../dom.js";
import { benchOn } from "./bench.js";
import { countGpuCalls } from "./gpu-calls.js";
import { measure, nextFrame } from "./measure.js";
import { showQuality } from "./quality-view.js";
import { WORKLOADS } from "./workloads.js";

countGpuCalls();

const backend = new URLSearchParams(location.search).get("backend") === "webgpu" ? "webgpu" : "cpu";
const bench = benchOn(backend, performance.now());
/** @type {Window & typeof globalThis & {bench?: import("./bench.js").Bench}} */ (window).bench = bench;

const measureButton = element("measure", HTMLButtonElement);
const copyButton = element("copy", HTMLButtonElement);
const backendSelect = element("backend", HTMLSelectElement);
const status = element("status", HTMLParagraphElement);
const body = element("results", HTMLTableElement).tBodies[0];

backendSelect.value = backend;
backendSelect.addEventListener("change", () => {
  // A fresh page, so that nothing of the other device is left in memory.
  location.search = `?backend=${backendSelect.value}`;
});
measureButton.addEventListener("click", () => void measureAll());
const quality = showQuality(bench, say, (isBusy) => {
  measureButton.disabled = backendSelect.disabled = isBusy;
}, () => {
  copyButton.disabled = false;
});
copyButton.addEventListener("click", () => void copyResults());

/** @param {string} text */
function say(text) {
  status.textContent = text;
}

async function copyResults() {
  const rows = [...document.querySelectorAll("#results tr, #quality-results tr")];
  const text = rows.map((row) => [...row.children].map((cell) => cell.textContent).join("\t")).join("\n");
  const where = `${bench.name}, ${navigator.userAgent}, ${navigator.hardwareConcurrency} cores`;
  try {
    await navigator.clipboard.writeText(`${where}\n${text}\n`);
    say("Copied.");
  } catch {
    say("The browser did not let this page copy.");
  }
}

async function measureAll() {
  measureButton.disabled = backendSelect.disabled = quality.button.disabled = true;
  body.replaceChildren();
  try {
    for (const workload of WORKLOADS) {
      say(`Measuring ${workload} …`);
      await nextFrame();
      addRow(workload, await measure(bench, workload));
    }
    say("Done.");
    copyButton.disabled = false;
  } catch (error) {
    say(`It stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
  measureButton.disabled = backendSelect.disabled = quality.button.disabled = false;
}

/**
 * @param {string} workload
 * @param {import("./measure.js").Measured} result
 */
function addRow(workload, result) {
  const row = body.insertRow();
  const heading = document.createElement("th");
  heading.scope = "row";
  heading.textContent = workload;
  row.append(heading);
  const onGpu = backend === "webgpu";
  const megabytes = (result.wasmMemoryBytes + result.gpuBufferBytes) / 1e6;
  const figures = [
    Number(result.median.toPrecision(3)), Number(result.first.toPrecision(3)),
    onGpu ? result.dispatches : "–", onGpu ? result.submits : "–", onGpu ? result.pipelines : "–", megabytes.toFixed(0),
  ];
  for (const figure of figures) row.insertCell().textContent = String(figure);
}
