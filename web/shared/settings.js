/** @import { Settings } from "./types.js" */

/** @type {Settings} what a new panel begins with, and a TV that does not know its panel's own yet */
export const NEW_SETTINGS = {
  title: "",
  show: "name",
  say: "name",
  template: null,
  voice: null,
  repeats: 2,
  chime: "two_tones",
  volume: 1,
  quiet_hours: null,
  time_zone: "America/Fortaleza",
  places: [],
  history: 5,
  pictures: [],
  theme: "dark",
};
