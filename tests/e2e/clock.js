// How long something took, on a machine that may be busy with other things. Where there are CPUs to spare, the clock tells. Where there are none,
// the clock also counts the time in which a thread waits for a CPU; what tells then is the time it computed, which the browser's own trace holds.

import { cpus } from "node:os";

/** @typedef {{thread: string, clockMs: number, cpuMs: number}} Task one task of a thread: its length by the clock, and the time on a CPU in it */

/** The machine is busy if less than this share of its CPUs' time was idle. */
const LEAST_IDLE = 0.25;

/**
 * @param {import("@playwright/test").Page} page
 * @param {() => Promise<void>} act
 * @returns {Promise<{isBusy: boolean, tasks: Task[]}>} whether the machine was busy meanwhile, and what the browser's threads did: the page runs on
 * "CrRendererMain", each worker on a "DedicatedWorker thread"
 */
export async function traced(page, act) {
  const browser = page.context().browser();
  if (!browser) throw new Error("the page is one of a browser that can be traced");
  await browser.startTracing(page, { categories: ["toplevel"] });
  const before = cpuTimes();
  await act();
  const after = cpuTimes();
  /** @type {{traceEvents: {name: string, ph: string, pid: number, tid: number, dur?: number, tdur?: number, args: {name?: string}}[]}} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const threads = new Map(traceEvents.filter(({ name }) => name === "thread_name").map(({ pid, tid, args }) => [`${pid} ${tid}`, args.name ?? ""]));
  const tasks = traceEvents.flatMap(({ name, ph, pid, tid, dur = 0, tdur = dur }) => (
    name === "ThreadControllerImpl::RunTask" && ph === "X" ? [{ thread: threads.get(`${pid} ${tid}`) ?? "", clockMs: dur / 1000, cpuMs: tdur / 1000 }] : []));
  return { isBusy: (after.idle - before.idle) / (after.all - before.all) < LEAST_IDLE, tasks };
}

/** @returns {{idle: number, all: number}} ms of all CPUs since the machine was started */
function cpuTimes() {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}
