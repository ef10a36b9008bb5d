/** The screen "Lista do dia": one file at a time, from the choice to the report. */
import { signal } from "@preact/signals";

import { pause } from "../../shared/pause.js";
import { desk, fill } from "../../shared/strings.js";
import { failureWords, hasStatus, isSignedOut } from "../failures.js";
import { pathOf } from "../panels/store.js";
import { fileProblem, SIZE_MB_MAX, toUtf8 } from "./file.js";
import { isFinal } from "./report.js";
import { sendFile } from "./sending.js";

/** @import { Api } from "../../shared/api.js" */
/** @import { Actions } from "../actions.js" */
/** @import { FeedStore } from "../calls/feed.js" */
/** @import { Write } from "../writes.js" */
/** @import { Progress } from "./report.js" */
/** @import { SendFile } from "./sending.js" */

const LOOK_EVERY_MS = 1500;
const FAILURES_MAX = 8;
// Without any change for so long the report may never come: the rows wait in the dead-letter queue.
const STALLED_MS = 120_000;

/**
 * @typedef {object} Upload
 * @property {"idle" | "sending" | "following" | "done" | "failed"} phase
 * @property {string} file its name
 * @property {number} sent 0-1
 * @property {boolean} converted to UTF-8
 * @property {Progress | null} progress
 * @property {boolean} stalled
 * @property {string} problem
 *
 * @typedef {Pick<File, "name" | "size" | "arrayBuffer">} ChosenFile
 */

/** @type {Upload} */
const IDLE = {
  phase: "idle",
  file: "",
  sent: 0,
  converted: false,
  progress: null,
  stalled: false,
  problem: "",
};

/**
 * @param {object} parts
 * @param {string} parts.panel
 * @param {Api} parts.api
 * @param {Write} parts.write
 * @param {Actions} parts.actions
 * @param {FeedStore} parts.feed
 * @param {SendFile} [parts.send]
 * @param {(ms: number) => Promise<void>} [parts.wait]
 * @param {() => number} [parts.now] milliseconds
 */
export function createListStore(parts) {
  const { panel, api, write, actions, feed, send = sendFile, wait = pause, now = Date.now } = parts;
  const upload = signal(IDLE);
  let turn = 0;

  /** @param {Partial<Upload>} change */
  const set = (change) => (upload.value = { ...upload.value, ...change });

  /** @param {ChosenFile} file */
  async function start(file) {
    if (upload.value.phase === "sending") return;
    const mine = ++turn;
    const problem = fileProblem(file);
    upload.value = { ...IDLE, phase: problem ? "failed" : "sending", file: file.name };
    if (problem) return set({ problem: fill(desk.list[problem], { mb: SIZE_MB_MAX }) });
    try {
      const id = await put(file);
      set({ phase: "following" });
      await follow(id, () => mine === turn);
    } catch (error) {
      if (isSignedOut(error)) actions.fail(error);
      if (mine === turn) set({ phase: "failed", problem: failureWords(error) });
    }
  }

  /** @param {ChosenFile} file @returns {Promise<string>} the upload's id */
  async function put(file) {
    const { bytes, converted } = toUtf8(await file.arrayBuffer());
    set({ converted });
    const { body } = await write("POST", `${pathOf(panel)}/uploads`, { file_name: file.name });
    await send(body, bytes, (sent) => set({ sent }));
    set({ sent: 1 });
    return body.id;
  }

  /** @param {string} id @param {() => boolean} current */
  async function follow(id, current) {
    let changedAt = now();
    let failures = 0;
    while (current()) {
      await wait(LOOK_EVERY_MS);
      try {
        const progress = await look(id);
        failures = 0;
        if (!current()) return;
        if (JSON.stringify(progress) !== JSON.stringify(upload.value.progress)) changedAt = now();
        set({ progress, stalled: now() - changedAt > STALLED_MS });
        feed.refresh();
        if (progress && isFinal(progress)) return set({ phase: "done", stalled: false });
      } catch (error) {
        if (++failures > FAILURES_MAX || isSignedOut(error)) throw error;
      }
    }
  }

  /** @param {string} id @returns {Promise<Progress | null>} null before the file is seen */
  async function look(id) {
    try {
      return (await api.request("GET", `${pathOf(panel)}/uploads/${encodeURIComponent(id)}`)).body;
    } catch (error) {
      if (hasStatus(error, 404)) return null;
      throw error;
    }
  }

  function reset() {
    turn += 1;
    upload.value = IDLE;
  }

  return { upload, start, reset, stop: () => (turn += 1) };
}

/** @typedef {ReturnType<typeof createListStore>} ListStore */
