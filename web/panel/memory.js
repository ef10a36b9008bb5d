/** What this browser keeps of a panel between two starts. */

/** @import { Snapshot } from "./player/snapshot.js" */

import { dayOf } from "./zone.js";

const PANEL = "ctv.panel";
/** The number is raised when the shape changes: what an older release kept must not stop a newer one. */
const SNAPSHOT = "ctv.panel.snapshot.1";

/** @param {Storage} [storage] */
export function createMemory(storage = localStorage) {
  return {
    /** @returns {string | null} id of the panel that this device is paired with */
    panel: () => storage.getItem(PANEL),
    /** What was kept of another panel goes. @param {string} panel */
    setPanel(panel) {
      if (panel !== storage.getItem(PANEL)) storage.removeItem(SNAPSHOT);
      storage.setItem(PANEL, panel);
    },

    /** @param {Snapshot} snapshot */
    save(snapshot) {
      try {
        storage.setItem(SNAPSHOT, JSON.stringify(snapshot));
      } catch {
        // A full storage costs the state after a reload, not the call on the screen.
      }
    },
    /**
     * @param {number} at
     * @returns {Snapshot | null} without the calls of another day than today
     */
    load(at) {
      try {
        return ofToday(JSON.parse(storage.getItem(SNAPSHOT) ?? "null"), at);
      } catch {
        return null;
      }
    },
    /** Nothing of the panel stays behind. */
    clear() {
      storage.removeItem(PANEL);
      storage.removeItem(SNAPSHOT);
    },
  };
}

/** @param {Snapshot | null} saved @param {number} at @returns {Snapshot | null} */
function ofToday(saved, at) {
  if (!saved) return null;
  const zone = saved.settings.time_zone;
  const today = dayOf(at + saved.offset, zone);
  const isToday = (/** @type {{ called_at: string }} */ call) =>
    dayOf(Date.parse(call.called_at), zone) === today;
  return {
    ...saved,
    waiting: saved.waiting.filter(isToday),
    history: saved.history.filter(({ call }) => isToday(call)),
  };
}
