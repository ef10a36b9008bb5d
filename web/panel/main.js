import { render } from "preact";

import { createApi } from "../shared/api.js";
import { html } from "../shared/html.js";
import { applyTheme } from "../shared/theme.js";
import { createTokenStore } from "../shared/token.js";
import { createDevice } from "./device.js";
import { renewNightly } from "./kiosk/nightly.js";
import { registerServiceWorker } from "./kiosk/service_worker.js";
import { keepAwake } from "./kiosk/wake_lock.js";
import { createMemory } from "./memory.js";
import { pair } from "./net/pairing.js";
import { expose } from "./views/attributes.js";
import { PairingView } from "./views/pairing.js";
import { RoomView } from "./views/room.js";

/** @import { View } from "./device.js" */

/** The build's revision, which its file name carries. */
const VERSION = /-([\w-]+)\.js$/.exec(import.meta.url)?.[1] ?? "dev";

const root = /** @type {Element} */ (document.querySelector("#app"));
const memory = createMemory();
// Before the token store, which takes the fragment out of the address.
const handedPanel = new URLSearchParams(location.hash.slice(1)).get("panel");
if (handedPanel) memory.setPanel(handedPanel);
const tokens = createTokenStore("ctv.panel.token");
const api = createApi({ token: tokens.get });
const registration = import.meta.env.PROD ? registerServiceWorker() : Promise.resolve(null);

function start() {
  const panel = memory.panel();
  if (panel && tokens.get()) startDevice(panel);
  else void startPairing();
}

async function startPairing() {
  applyTheme("dark");
  const onCode = (/** @type {string | null} */ code) => {
    expose({ screen: "pairing" });
    render(html`<${PairingView} code=${code} />`, root);
  };
  onCode(null);
  const { access_token, panel } = await pair({ api, onCode });
  tokens.set(access_token);
  memory.setPanel(panel);
  start();
}

/** @param {string} panel */
function startDevice(panel) {
  let theme = "";
  let stopTheme = () => {};
  const device = createDevice({ api, panel, memory, version: VERSION, draw, onRefused });
  const stopRenewing = renewNightly(device, registration);
  const gestures = ["pointerdown", "touchend", "keydown"];
  gestures.forEach((type) => window.addEventListener(type, unlock));

  function unlock() {
    void device.unlock();
  }

  /** @param {View} view */
  function draw(view) {
    const { settings } = view.player;
    if (settings.theme !== theme) {
      stopTheme();
      stopTheme = applyTheme(settings.theme);
      theme = settings.theme;
    }
    document.title = settings.title;
    expose({ screen: "room", ...view });
    render(html`<${RoomView} ...${view} onUnlock=${unlock} />`, root);
  }

  function onRefused() {
    gestures.forEach((type) => window.removeEventListener(type, unlock));
    stopRenewing();
    stopTheme();
    tokens.clear();
    start();
  }
}

keepAwake();
start();
