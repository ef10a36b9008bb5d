/** Which panel this desk calls on, and from where: remembered in this browser. */
import { signal } from "@preact/signals";

const KEY = "ctv.console.station";

/** @typedef {{ panel: string, place: string | null }} Station */

/** @param {Storage} [storage] */
export function createStationChoice(storage = localStorage) {
  const station = signal(read(storage));
  return {
    station,
    /** @param {Station} chosen */
    choose(chosen) {
      storage.setItem(KEY, JSON.stringify(chosen));
      station.value = chosen;
    },
    clear: () => (station.value = null),
    /** @returns {Station | null} what was chosen last, also after `clear` */
    last: () => read(storage),
  };
}

/** @typedef {ReturnType<typeof createStationChoice>} StationChoice */

/** @param {Storage} storage @returns {Station | null} */
function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "null");
    if (typeof kept?.panel !== "string") return null;
    return { panel: kept.panel, place: typeof kept.place === "string" ? kept.place : null };
  } catch {
    return null;
  }
}
