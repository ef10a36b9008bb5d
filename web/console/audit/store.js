/** The screen "Registro": who did what, latest first. */
import { signal } from "@preact/signals";

import { pathOf } from "../panels/store.js";

/** @import { Desk } from "../desk.js" */

/**
 * @typedef {object} AuditEntry
 * @property {string} at RFC 3339
 * @property {string} action
 * @property {string | null} call its id
 * @property {string | null} ticket
 * @property {string | null} operator the access key's label
 */

/** @param {Pick<Desk, "api" | "actions">} desk @param {string} panel */
export function createAuditStore({ api, actions }, panel) {
  const entries = signal(/** @type {readonly AuditEntry[] | null} */ (null));
  const before = signal(/** @type {string | null} */ (null));

  /** @param {string} query */
  async function page(query) {
    const { body } = await api.request("GET", `${pathOf(panel)}/audit${query}`);
    before.value = body.before;
    return /** @type {AuditEntry[]} */ (body.entries);
  }

  const load = () =>
    actions.run("audit", async () => {
      entries.value = await page("");
    });

  const older = () =>
    actions.run("audit", async () => {
      const from = before.value;
      if (!from) return;
      const more = await page(`?before=${encodeURIComponent(from)}`);
      entries.value = [...(entries.value ?? []), ...more];
    });

  return { entries, before, load, older, isPending: actions.isPending };
}

/** @typedef {ReturnType<typeof createAuditStore>} AuditStore */
