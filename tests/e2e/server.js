// Serves a folder of plain files under a path prefix, as any static host might: dist/ has to work there.

import { createServer } from "node:http";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

const PREFIX = "/some/prefix";

/**
 * @param {string} [folder] what `cargo xtask dist` made, or GAN_DIST
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function serveDist(folder = process.env.GAN_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url))) {
  if (!existsSync(folder)) throw new Error(`${folder} is not there: run \`cargo xtask dist\` first`);
  const files = sirv(folder, { etag: true });
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const missing = () => void response.writeHead(404).end("not found");
    if (!path.startsWith(`${PREFIX}/`)) {
      missing();
      return;
    }
    request.url = path.slice(PREFIX.length);
    files(request, response, missing);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}${PREFIX}/`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
