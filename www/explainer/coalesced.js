// Asynchronous work that is asked for more often than it can be done.

/**
 * Runs the work one at a time; calls that come meanwhile make it run once more afterwards.
 * @param {() => Promise<void>} work
 * @returns {() => void}
 */
export function coalesced(work) {
  let running = false;
  let again = false;
  const go = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      running = false;
    }
  };
  return () => void go();
}
