// Fashion-MNIST, the choice of classes, the averaged picture, the epochs and the editor. On the CPU, in small batches: each test costs steps.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "./playground.js";

const SHARD = new URL("../../www/data/mnist/train-0.bin.gz", import.meta.url);

/**
 * @param {readonly number[]} classes
 * @returns {number[][]} pixels of the first 64 images of these classes, read from the shard as www/data/README.md describes it
 */
function firstOf(classes) {
  const bytes = gunzipSync(Uint8Array.from(readFileSync(SHARD)));
  const count = bytes.readUInt16LE(14);
  const images = [];
  for (let i = 0; i < count && images.length < 64; i++) {
    if (classes.includes(bytes[16 + i])) images.push([...bytes.subarray(16 + count + 784 * i, 16 + count + 784 * (i + 1))]);
  }
  return images;
}

/**
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<number[][]>} brightness of all pixels of the 64 real samples on the screen
 */
function realSamples(page) {
  return page.locator('canvas[data-view="real"]').evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
    const dot = canvas.width / (8 * 30); // each 28 × 28 picture has a margin of one pixel
    const at = (/** @type {number} */ x, /** @type {number} */ y) => data[4 * (Math.floor((y + 0.5) * dot) * canvas.width + Math.floor((x + 0.5) * dot))];
    return Array.from({ length: 64 }, (_, i) => {
      const [left, top] = [(i % 8) * 30 + 1, Math.floor(i / 8) * 30 + 1];
      return Array.from({ length: 784 }, (__, p) => at(left + (p % 28), top + Math.floor(p / 28)));
    });
  });
}

test("Fashion-MNIST trains, and the page speaks of garments", async ({ playground, page }) => {
  await playground.open("#mode=mnist&backend=cpu");
  await playground.isReady();
  await playground.openTab("Fashion-MNIST");
  await playground.isReady();
  await page.getByLabel("Batch size").fill("8");
  await page.getByLabel("Batch size").press("Enter");
  await playground.isReady();
  await playground.button("Train").click();
  await playground.reachesStep(3);
  await expect(playground.metric("dataset")).toHaveText("Fashion-MNIST, 60,000 of 60,000 images");
  await expect(page.getByRole("checkbox", { name: "Ankle boot" })).toBeChecked();
  await expect(page.getByText("into a garment")).toBeVisible();
  expect(await playground.figure("loss-d")).toBeGreaterThan(0);
});

test("only the chosen classes are shown and trained on, from a link and by hand", async ({ playground, page }) => {
  await playground.open("#mode=mnist&backend=cpu&batch=8&classes=3,8");
  await playground.isReady();
  await expect(playground.metric("dataset")).toHaveText("MNIST, 3 and 8: 11,982 of 60,000 images"); // 6,131 + 5,851
  await expect.poll(() => realSamples(page)).toEqual(firstOf([3, 8]));
  await playground.step("Step", 1);

  await page.getByRole("checkbox", { name: "3", exact: true }).uncheck();
  await expect(playground.metric("dataset")).toHaveText("MNIST, 8: 5,851 of 60,000 images");
  await expect.poll(() => realSamples(page)).toEqual(firstOf([8]));
  await expect(page).toHaveURL(/classes=8/);
  await page.getByRole("checkbox", { name: "8", exact: true }).click();
  await expect(page.getByText("One class at least must stay on.")).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "8", exact: true })).toBeChecked();
  await playground.step("Step", 1);
  await page.getByRole("group", { name: "Classes" }).getByRole("button", { name: "All classes" }).click();
  await expect(playground.metric("dataset")).toHaveText("MNIST, 60,000 of 60,000 images");
  await expect(page).not.toHaveURL(/classes/);
});

test("the averaged generator draws other pictures than the raw one, from the same training", async ({ playground, page }) => {
  await playground.open("#mode=mnist&backend=cpu&batch=8");
  await playground.isReady();
  for (let i = 0; i < 5; i++) await playground.step("Step", 1);
  const [averaged, losses] = [await playground.pixels("samples"), await playground.losses()];
  await page.getByRole("radio", { name: "Raw generator" }).check();
  await expect.poll(() => playground.pixels("samples")).not.toBe(averaged);
  expect(await playground.losses()).toBe(losses);
  await expect(page).toHaveURL(/average=0/);
  await page.getByRole("radio", { name: "Averaged generator" }).check();
  await expect.poll(() => playground.pixels("samples")).toBe(averaged);

  await playground.open("#mode=mnist&backend=cpu&batch=8&average=0");
  await expect(page.getByRole("radio", { name: "Raw generator" })).toBeChecked();
  await expect(playground.metric("step")).toHaveText("0");
  await playground.isReady();
  for (let i = 0; i < 5; i++) await playground.step("Step", 1);
  expect(await playground.losses()).toBe(losses);
  expect(await playground.pixels("samples")).not.toBe(averaged);
});

test("each epoch leaves its mean losses and a picture; labels are filtered by, if there are any", async ({ playground, page }) => {
  await playground.open("#mode=mnist&preset=mnist-fast&backend=cpu&batch=64");
  await playground.isReady();
  const [images, labels] = [Buffer.alloc(16 + 128 * 784, 200), Buffer.alloc(8 + 128)];
  [0x803, 128, 28, 28].forEach((value, i) => images.writeUInt32BE(value, 4 * i));
  [0x801, 128].forEach((value, i) => labels.writeUInt32BE(value, 4 * i));
  labels.fill(1, 8 + 100);
  const files = [{ name: "grey", mimeType: "", buffer: images }, { name: "names", mimeType: "", buffer: labels }];
  await page.getByLabel("Open your own images").setInputFiles(files.slice(0, 1));
  await expect(playground.metric("dataset")).toHaveText("grey, 128 of 128 images");
  await expect(page.getByText("Your file came without labels")).toBeVisible();
  await page.getByLabel("Open your own images").setInputFiles(files);
  await page.getByRole("checkbox", { name: "0", exact: true }).uncheck();
  await expect(playground.metric("dataset")).toHaveText(/^grey, 9 of 10 classes: 28 of 128 images$/);
  await page.getByRole("button", { name: "All classes" }).click();

  await playground.button("Train").click();
  const epoch = page.getByRole("list", { name: "Epochs" }).getByRole("listitem").filter({ hasText: /^Epoch 1D \d\.\d{4}G \d\.\d{4}$/ });
  await expect(epoch).toBeVisible();
  await expect(page.getByRole("img", { name: "16 samples after epoch 1", exact: true })).toBeVisible();
});

test("the editor shows what the core finds wrong, starts anew with what is right, and the link brings it back", async ({ playground, page }) => {
  await playground.open("#mode=mnist&preset=mnist-fast&backend=cpu&batch=8");
  await playground.isReady();
  await page.getByText("Change the networks and the training").click();
  await expect(page.locator("#edit-generator-count")).toHaveText("578,704 parameters"); // docs/training.md, presets
  const units = page.getByRole("group", { name: "Layer 1 of the generator" }).getByLabel("Units");
  await units.fill("0");
  await expect(page.locator("#edit-generator-error")).toContainText("generator.layers[0].units is 0");
  await expect(units).toHaveAttribute("aria-invalid", "true");
  await expect(playground.button("Apply: start anew with this")).toBeDisabled();

  await units.fill("16");
  await page.getByRole("combobox", { name: "Loss", exact: true }).selectOption("hinge");
  // Linear 64-16 and 16-256 in place of 64-128 and 128-256, and 4 × 16 in place of 4 × 128 numbers of BatchNorm.
  const parameters = (578_704 - (65 * 128 + 129 * 256 + 4 * 128) + (65 * 16 + 17 * 256 + 4 * 16)).toLocaleString("en");
  await expect(page.locator("#edit-generator-count")).toHaveText(`${parameters} parameters`);
  await playground.button("Apply: start anew with this").click();
  await expect(page.locator("#networks")).toContainText(parameters);
  await playground.isReady();
  await playground.step("Step", 1);
  expect(await playground.figure("logit-real")).not.toBeNaN();
  await expect(page).toHaveURL(/config=[\w-]+/);
  const [losses, link] = [await playground.losses(), page.url()];

  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.locator("#networks")).toContainText(parameters);
  await playground.isReady();
  await playground.step("Step", 1);
  expect(await playground.losses()).toBe(losses);

  await page.goto("about:blank");
  await playground.open(`#mode=mnist&preset=mnist-fast&backend=cpu&config=${btoa('{"discriminatorUpdates":99}')}`);
  await expect(playground.alert).toContainText(/discriminatorUpdates is 99, expected .*Those of mnist-fast are used\./);
  await playground.isReady();
});
