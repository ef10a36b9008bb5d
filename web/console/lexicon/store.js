/** The screen "Pronúncia": the lexicon read whole, changed entry by entry, put whole. */
import { computed, signal } from "@preact/signals";

import { desk, fill } from "../../shared/strings.js";
import { hasStatus } from "../failures.js";
import { changesBetween, found, keyOf, sorted, touchSame, withChange } from "./entries.js";

/** @import { Desk } from "../desk.js" */
/** @import { Change, Entry } from "./entries.js" */

const PATH = "/v1/lexicon";
const ENTRIES_MAX = 5000;

/**
 * @typedef {{ entries: Entry[], etag: string }} Lexicon
 * @typedef {{ mine: Change, theirs: Change[], same: boolean }} Conflict
 */

/** @param {Pick<Desk, "api" | "write" | "actions" | "notices" | "listening">} desk */
export function createLexiconStore({ api, write, actions, notices, listening }) {
  const lexicon = signal(/** @type {Lexicon | null} */ (null));
  const search = signal("");
  const conflict = signal(/** @type {Conflict | null} */ (null));
  const shown = computed(() => found(lexicon.value?.entries ?? [], search.value));

  /** @returns {Promise<Lexicon>} */
  async function read() {
    const { body, etag } = await api.request("GET", PATH);
    const entries = body.entries.map((/** @type {Partial<Entry>} */ entry) => ({
      scope: "any",
      ...entry,
    }));
    return { entries: sorted(entries), etag: etag ?? "" };
  }

  const load = () =>
    actions.run("lexicon", async () => {
      lexicon.value = await read();
    });

  /**
   * @param {Change} change
   * @returns {Promise<boolean | undefined>} true: saved; false: somebody else was faster (`conflict`)
   */
  const save = (change) =>
    actions.run("save-entry", async () => {
      const known = lexicon.value;
      if (!known) return false;
      try {
        const entries = withChange(known.entries, change);
        await write("PUT", PATH, { entries }, { "If-Match": known.etag });
      } catch (error) {
        if (!hasStatus(error, 412)) throw error;
        await meet(known, change);
        return false;
      }
      conflict.value = null;
      lexicon.value = await read();
      sayDone(change);
      return true;
    });

  /** @param {Lexicon} known @param {Change} mine */
  async function meet(known, mine) {
    const latest = await read();
    const theirs = changesBetween(known.entries, latest.entries);
    lexicon.value = latest;
    conflict.value = { mine, theirs, same: theirs.some((change) => touchSame(mine, change)) };
  }

  /** @param {Change} change */
  function sayDone({ before, after }) {
    const words = after ? desk.lexicon.saved : desk.lexicon.removed;
    notices.say(fill(words, { written: (after ?? before)?.written ?? "" }));
  }

  /**
   * @param {Entry} draft
   * @param {Entry | null} before
   * @returns {string} what is wrong with it; "" nothing
   */
  function problemOf(draft, before) {
    if (!draft.written.trim()) return desk.lexicon.needsWritten;
    if (!draft.spoken.trim()) return desk.lexicon.needsSpoken;
    const entries = lexicon.value?.entries ?? [];
    const isOther = !before || keyOf(before) !== keyOf(draft);
    if (isOther && entries.some((entry) => keyOf(entry) === keyOf(draft))) {
      return desk.lexicon.exists;
    }
    return !before && entries.length >= ENTRIES_MAX ? desk.lexicon.full : "";
  }

  return {
    lexicon,
    search,
    shown,
    conflict,
    listening,
    load,
    save,
    problemOf,
    discard: () => (conflict.value = null),
    /**
     * In a sentence, as names are called: a voice says a lone word badly.
     *
     * @param {string} who the button
     * @param {string} spoken
     */
    listen: (who, spoken) =>
      listening.listen(who, { text: fill(desk.lexicon.carrier, { spoken: spoken.trim() }) }),
    isPending: actions.isPending,
  };
}

/** @typedef {ReturnType<typeof createLexiconStore>} LexiconStore */
