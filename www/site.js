// Addresses of the files that are served beside index.html, whichever module asks.

/**
 * @param {string} path relative to index.html, such as "data/mnist/index.json"
 * @returns {string} its whole address
 */
export function addressOf(path) {
  return new URL(path, import.meta.url).href;
}
