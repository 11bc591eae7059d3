// "Which is faster here?": measures both devices and loses nothing that was trained.

import { expect, expectToFit, test } from "./playground.js";

test("without WebGPU it says how fast the CPU is and why there is no other, by keyboard, and training goes on where it was", async ({ playground, page }) => {
  await playground.open("#mode=toy&train=1");
  await playground.reachesStep(50);
  const button = playground.button("Which is faster here?");
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(playground.button("Stop measuring")).toBeFocused();
  await expect(playground.button("Train")).toBeVisible(); // it has paused
  await expect(playground.status).toHaveText(/^CPU [\d.,]+ ms a step\. WebGPU could not be measured: .*WebGPU.*\.$/);
  await expect(button).toBeFocused();
  expect(await page.locator("#speed-result").textContent()).toBe(await playground.status.textContent());
  await expect(page.getByRole("button", { name: /Switch to/ })).toHaveCount(0); // The CPU is in use already.
  const step = await playground.figure("step");
  expect(step).toBeGreaterThanOrEqual(50);
  await playground.step("Step", 1);
  await expect(playground.metric("step")).toHaveText(String(step + 1));
});

test("it can be stopped, and training ends it too", async ({ playground }) => {
  await playground.open("#mode=mnist");
  await playground.isReady();
  await playground.button("Which is faster here?").click();
  await expect(playground.status).toContainText("Measuring the CPU");
  await playground.button("Stop measuring").click();
  await expect(playground.status).toHaveText("Measuring was stopped.");
  await playground.button("Which is faster here?").click();
  await expect(playground.status).toContainText("Measuring the CPU");
  await playground.button("Train").click();
  await playground.reachesStep(1);
  await expect(playground.button("Which is faster here?")).toBeVisible();
  await expect(playground.status).toContainText("Training");
});

test("a trainer that cannot be loaded is told", async ({ playground, page }) => {
  await playground.open("#mode=toy");
  await playground.isReady();
  await page.route("**/pkg/**", (route) => route.fulfill({ status: 404, body: "" }));
  await playground.button("Which is faster here?").click();
  await expect(playground.status).toContainText("CPU could not be measured: ");
  await page.unrouteAll();
  await playground.step("Step", 1);
});

test("the faster device is one press away", async ({ playground, page }) => {
  // Stands in for a WebGPU that is slower: the real one is in webgpu.spec.js.
  await page.route("**/speed-worker.js", (route) => route.fulfill({
    contentType: "text/javascript",
    body: `onmessage = ({ data: { backend } }) => postMessage({ backend, name: backend === "cpu" ? "CPU" : "WebGPU (made up)", stepMs: backend === "cpu" ? 42 : 4.2 });`,
  }));
  for (const [colorScheme, width] of /** @type {const} */ ([["light", 1280], ["dark", 390]])) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    await page.goto("about:blank");
    await playground.open("#mode=toy");
    await playground.isReady();
    await playground.button("Which is faster here?").click();
    await expect(playground.status).toHaveText("CPU 42 ms a step, WebGPU (made up) 4.2 ms: WebGPU is 10 times as fast here.");
    await expectToFit(page);
    await playground.button("Switch to WebGPU and start anew").click();
    await expect(page.getByLabel("Device")).toHaveValue("webgpu");
    await expect(page.getByLabel("Device")).toBeFocused();
    await expect(playground.status).toContainText("Starting anew from seed 42 on the chosen device");
    await expect(playground.button("Switch to WebGPU and start anew")).toHaveCount(0);
    await expect(page.locator("#speed-result")).toBeEmpty();
    await expect(page).toHaveURL(/backend=webgpu/);
  }
});
