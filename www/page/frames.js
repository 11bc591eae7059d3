// When a run's next frame is asked for: not too soon after the one before, and with a word to the person where no answer comes.

/** Shortest time between two frames, ms: enough to see it learn, little enough to leave the CPU to training. */
const FRAME_EVERY_MS = 90;

/** Silence after which a frame is no longer just slow, ms; a software GPU takes seconds for a step. */
const SILENCE_MS = 60_000;

/** Paces the requests for frames of one run. */
export class FramePacer {
  #askedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #due = undefined;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence = undefined;

  /**
   * @param {() => void} request asks the worker for a frame
   * @param {() => void} onSilence called when no frame has come for a long time; a lost GPU may answer neither with a result nor with an error
   */
  constructor(request, onSilence) {
    this.request = request;
    this.onSilence = onSilence;
  }

  /** Asks for a frame as soon as one is due. */
  ask() {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => {
      this.#askedAt = performance.now();
      this.request();
      clearTimeout(this.#silence);
      this.#silence = setTimeout(this.onSilence, SILENCE_MS);
    }, Math.max(0, this.#askedAt + FRAME_EVERY_MS - performance.now()));
  }

  /** Must be called when a frame has come. */
  heard() {
    clearTimeout(this.#silence);
  }

  /** Asks no more and waits for nothing: the worker is gone. */
  stop() {
    clearTimeout(this.#due);
    clearTimeout(this.#silence);
  }
}
