// The page's side of the connection to one training worker: sends commands, hands on events, and lets one frame at most be outstanding.

/** @typedef {import("../protocol.d.ts").Command} Command */
/** @typedef {import("../protocol.d.ts").WorkerEvent} WorkerEvent */

/** Connection to a worker; after `close` it hands on nothing any more. */
export class Client {
  /** @param {(event: WorkerEvent) => void} onEvent */
  constructor(onEvent) {
    this.frameOutstanding = false;
    this.worker = new Worker(new URL("../worker/worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = (message) => {
      const event = /** @type {WorkerEvent} */ (message.data);
      if (event.type === "frame") this.frameOutstanding = false;
      onEvent(event);
    };
    this.worker.onerror = (event) => {
      event.preventDefault(); // It is shown to the person instead.
      const what = event.message ? `(${event.message})` : "(its script could not be loaded)";
      onEvent({ type: "fatal", message: `The trainer stopped unexpectedly ${what}. Press Reset to start this run anew.` });
    };
    this.worker.onmessageerror = () => {
      onEvent({ type: "fatal", message: "The trainer sent something unreadable. Press Reset to start this run anew." });
    };
  }

  /** @param {Command} command */
  send(command) {
    this.worker.postMessage(command);
  }

  /** Asks for a frame unless one is on its way. */
  requestFrame() {
    if (this.frameOutstanding) return;
    this.frameOutstanding = true;
    this.send({ type: "frame" });
  }

  close() {
    this.worker.onmessage = this.worker.onerror = this.worker.onmessageerror = null;
    this.worker.terminate();
  }
}
