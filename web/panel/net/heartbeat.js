/** Tells the panel every 5 s that this device lives, and learns whether it is the room's voice. */

/** @import { Api } from "../../shared/api.js" */
/** @import { Heartbeat } from "../../shared/types.js" */
/** @import { Lease, Sound } from "../player/types.js" */

import { now } from "../clock.js";
import { atLeastAsked, backoff } from "./backoff.js";
import { isRefused } from "./refusal.js";

const BEAT_MS = 5_000;

/**
 * @param {object} parts
 * @param {Api} parts.api
 * @param {string} parts.panel
 * @param {() => { sound: Sound, spoken: number, version: string }} parts.report
 * @param {(lease: Lease) => void} parts.onLease
 * @param {{ asked: () => void, answered: () => void }} parts.link
 * @param {() => void} parts.onRefused
 * @param {() => number} [parts.random]
 */
export function createHeartbeat({
  api,
  panel,
  report,
  onLease,
  link,
  onRefused,
  random = Math.random,
}) {
  const aborter = new AbortController();
  let timer = 0;
  let begun = false;
  let busy = false;
  let again = false;
  let failures = 0;

  async function beat() {
    clearTimeout(timer);
    begun = true;
    [busy, again] = [true, false];
    link.asked();
    const wait = await send().catch(failed);
    busy = false;
    if (!aborter.signal.aborted) timer = window.setTimeout(beat, wait);
  }

  async function send() {
    // Counted from when it was asked for: the server's lease cannot end before this one does.
    const asked = now();
    const { body } = await api.request("POST", `/v1/panels/${panel}/heartbeat`, {
      body: report(),
      timeoutMs: BEAT_MS,
      signal: aborter.signal,
    });
    failures = 0;
    if (aborter.signal.aborted) return 0;
    link.answered();
    onLease(leaseOf(body, asked));
    return again ? 0 : BEAT_MS;
  }

  /**
   * Sooner than the next beat is due: a room without a lease has no voice.
   *
   * @param {unknown} error
   * @returns {number}
   */
  function failed(error) {
    failures += 1;
    if (isRefused(error)) onRefused();
    return atLeastAsked(error, Math.min(BEAT_MS, backoff(failures, random)));
  }

  return {
    start() {
      if (!begun && !aborter.signal.aborted) void beat();
    },
    /** There is something that the server should know before the next beat is due; the first one tells all. */
    hurry() {
      if (busy) again = true;
      else if (begun && !aborter.signal.aborted) void beat();
    },
    stop() {
      aborter.abort();
      clearTimeout(timer);
    },
  };
}

/** @param {Heartbeat} answer @param {number} asked @returns {Lease} */
function leaseOf({ voice, spoken, devices, lease_s }, asked) {
  return { voice, spoken, alone: devices === 1, until: asked + lease_s * 1_000 };
}
