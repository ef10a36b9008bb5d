/** The page's state as attributes of `<html>`, for end-to-end tests and for whoever supports a TV (docs/panel.md). */

/** @import { View } from "../device.js" */

import { speaking } from "../player/player.js";

/** @param {{ screen: "pairing" } | ({ screen: "room" } & View)} shown */
export function expose(shown) {
  const attributes = shown.screen === "room" ? ofRoom(shown) : { sound: "off", link: "ok" };
  const { dataset } = document.documentElement;
  Object.assign(dataset, { voice: "false", call: "", speaking: "", ...attributes });
  dataset["screen"] = shown.screen;
}

/** @param {View} view */
function ofRoom({ player, link }) {
  return {
    sound: player.sound,
    link,
    voice: String(player.lease?.voice ?? false),
    call: player.current?.entry.call.id ?? "",
    speaking: speaking(player),
  };
}
