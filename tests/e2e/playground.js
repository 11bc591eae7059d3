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
    await expect.poll(() => this.figure("step")).toBeGreaterThanOrEqual(step);
  }

  /** Ready, paused, with data; its first pictures are drawn, and in the 2×2 world its chapters are there. Then at rest. */
  async isReady() {
    await twoFrames(this.page); // Until they have passed, the page may still show what was there before a press.
    await expect(this.button("Train")).toBeEnabled();
    await expect(this.button("Step")).toBeEnabled();
    await expect(this.metric("backend")).not.toHaveText("–");
    await expect(this.metric("dataset")).toHaveText(/[1-9][\d,]* of/);
    for (const view of /** @type {const} */ (["samples", "real"])) await this.isDrawn(view);
    const isToy = (await this.tab("2×2 faces").getAttribute("aria-selected")) === "true";
    if (isToy) await expect(this.page.getByRole("navigation", { name: "Chapters" })).toBeVisible();
    await settled(this.page);
  }

  /** @param {"samples" | "real"} view whose canvas is empty, which is transparent, until its first pictures come */
  async isDrawn(view) {
    await expect.poll(() => this.canvas(view).evaluate((element) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      return context.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3];
    }), { message: `opacity of the pictures of ${view}` }).toBe(255);
  }

  /**
   * @param {"samples" | "real"} view
   * @returns {import("@playwright/test").Locator}
   */
  canvas(view) {
    return this.page.locator(`canvas[data-view="${view}"]`);
  }

  /**
   * Goes to another mode, and waits until the page shows that one.
   * @param {string} name
   */
  async openTab(name) {
    await this.tab(name).click();
    await expect(this.tab(name)).toHaveAttribute("aria-selected", "true");
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
   * @returns {Promise<string>} a digest of its pixels, once there are pictures
   */
  async pixels(view) {
    await this.isDrawn(view);
    return this.canvas(view).evaluate(async (element) => {
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
    return this.canvas("samples").evaluate((element) => {
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

/**
 * The one way to wait before a look that is not repeated, as those of axe, at places on the screen, or at pictures. Waits until the window has its
 * size, the fonts are there, no transition runs, and two frames have passed in which nothing changed: whatever was drawn for the last press
 * or in answer to a new size is there then. A page that trains never rests, and an answer of the worker's may take longer: wait for its words first.
 * @param {Page} page
 */
export async function settled(page) {
  await page.evaluate(async (width) => {
    let changes = 0;
    const observer = new MutationObserver((records) => (changes += records.length));
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const isSized = () => width === undefined || matchMedia(`(width: ${width}px)`).matches;
    await document.fonts.ready;
    let before;
    do {
      before = changes;
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
      await frame();
      await frame();
    } while (changes > before || document.getAnimations().length > 0 || !isSized());
    observer.disconnect();
  }, page.viewportSize()?.width);
}

/**
 * Waits for what was asked for by now to be drawn: the page draws at the next frame.
 * @param {Page} page
 */
async function twoFrames(page) {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/**
 * Expects words that may be gone again before a look that is repeated now and then would see them.
 * @param {import("@playwright/test").Locator} locator what is there all the time, of one element
 * @param {string} words that it shows, be it for a moment
 * @param {() => Promise<unknown>} act what makes it show them
 */
export async function expectToShow(locator, words, act) {
  const look = await locator.evaluateHandle((element, text) => ({
    seen: new Promise((resolve) => {
      new MutationObserver(() => element.textContent?.includes(text) && resolve(true)).observe(element, { subtree: true, childList: true, characterData: true });
      setTimeout(() => resolve(false), 60_000);
    }),
  }), words);
  await act();
  expect(await look.evaluate(({ seen }) => seen), `“${words}” was shown`).toBe(true);
}

/**
 * Expects nothing to be wider than the window.
 * @param {Page} page
 * @param {string} [where]
 */
export async function expectToFit(page, where) {
  await settled(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
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
