// What a person does and reads on the page: accessible names, figures, pixels. Nothing here knows its insides.

import { expect, test as base } from "@playwright/test";
import { serveDist } from "./server.js";

/** @typedef {import("@playwright/test").Page} Page */

/** Chromium says this itself whenever a test makes a request fail; the page must not say anything. */
const FAILED_REQUEST = /Failed to load resource/;

/** The page at work. */
export class Playground {
  /** @type {string[]} what a person would see red in the console */
  errors = [];
  /** @type {string[]} */
  foreign = [];

  /**
   * @param {Page} page
   * @param {string} site
   */
  constructor(page, site) {
    this.page = page;
    this.site = site;
    page.on("console", (message) => {
      if (message.type() === "error" && !FAILED_REQUEST.test(message.text())) this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(site) && !request.url().startsWith("data:")) this.foreign.push(request.url());
    });
  }

  /** @param {string} [hash] */
  async open(hash = "") {
    await this.page.goto(this.site + hash);
  }

  /**
   * @param {string} name
   * @returns {import("@playwright/test").Locator}
   */
  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /**
   * @param {string} name
   * @returns {import("@playwright/test").Locator}
   */
  tab(name) {
    return this.page.getByRole("tab", { name, exact: true });
  }

  get status() {
    return this.page.getByRole("status");
  }

  get alert() {
    return this.page.getByRole("alert");
  }

  /**
   * @param {string} name
   * @returns {import("@playwright/test").Locator}
   */
  metric(name) {
    return this.page.locator(`[data-metric="${name}"]`);
  }

  /**
   * @param {string} name
   * @returns {Promise<number>} NaN while it shows a dash
   */
  async figure(name) {
    return Number(await this.metric(name).textContent());
  }

  /** @param {number} step at least */
  async reachesStep(step) {
    await expect.poll(() => this.figure("step"), { timeout: 90_000 }).toBeGreaterThanOrEqual(step);
  }

  /** Ready, paused, with data. */
  async isReady() {
    await expect(this.button("Train")).toBeEnabled();
    await expect(this.button("Step")).toBeEnabled();
    await expect(this.metric("backend")).not.toHaveText("–");
    await expect(this.metric("dataset")).toHaveText(/[1-9][\d,]* of/);
  }

  async pause() {
    await this.button("Pause").click();
    await expect(this.button("Train")).toBeVisible();
  }

  /**
   * One press of a step button that is known to add `more` steps.
   * @param {string} name
   * @param {number} more
   */
  async step(name, more) {
    const before = await this.figure("step");
    const losses = await this.losses();
    await this.button(name).click();
    if (more > 0) await expect(this.metric("step")).toHaveText(String(before + more));
    else await expect.poll(() => this.losses()).not.toBe(losses);
  }

  /** @returns {Promise<string>} both losses as shown */
  async losses() {
    return `${await this.metric("loss-d").textContent()} ${await this.metric("loss-g").textContent()}`;
  }

  /**
   * @param {"samples" | "real"} view
   * @returns {Promise<string>} a digest of its pixels
   */
  pixels(view) {
    return this.page.locator(`canvas[data-view="${view}"]`).evaluate(async (element) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", data))));
    });
  }

  /**
   * Darkness, 0 to 255, of the four pixels of each of the toy's 64 generated faces: top left, top right, bottom left, bottom right.
   * @returns {Promise<number[][]>}
   */
  faces() {
    return this.page.locator('canvas[data-view="samples"]').evaluate((element) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      const cell = canvas.width / 8;
      return Array.from({ length: 64 }, (_, i) => [[0.3, 0.3], [0.7, 0.3], [0.3, 0.7], [0.7, 0.7]].map(([x, y]) => {
        const [red, green, blue] = context.getImageData(((i % 8) + x) * cell, (Math.floor(i / 8) + y) * cell, 1, 1).data;
        return 255 - (red + green + blue) / 3;
      }));
    });
  }
}

/** Playwright's test with a `playground`; afterwards its console must be empty and no request may have left the site. */
export const test = base.extend(
  /** @type {import("@playwright/test").Fixtures<{playground: Playground}, {site: string}, import("@playwright/test").PlaywrightTestArgs>} */ ({
    site: [
      async ({}, use) => {
        const server = await serveDist();
        await use(server.url);
        await server.close();
      },
      { scope: "worker" },
    ],
    playground: async ({ page, site }, use) => {
      const playground = new Playground(page, site);
      await use(playground);
      expect(playground.errors, "errors in the console").toEqual([]);
      expect(playground.foreign, "requests that left the site").toEqual([]);
    },
  }),
);

export { expect };
