/** One panel's settings being changed. */
import { computed, signal } from "@preact/signals";

import { desk } from "../../shared/strings.js";
import { hasStatus } from "../failures.js";
import { formOf, sampleSpeech, settingsOf, settingsProblems } from "./settings.js";
import { pathOf } from "./store.js";

/** @import { Desk } from "../desk.js" */
/** @import { SettingsForm } from "./settings.js" */

export const LISTENER = "settings";

/** @typedef {{ id: string, name: string }} Voice */

/** @param {Pick<Desk, "api" | "write" | "actions" | "notices" | "listening" | "panels">} desk @param {string} panel */
export function createSettingsStore({ api, write, actions, notices, listening, panels }, panel) {
  const form = signal(/** @type {SettingsForm | null} */ (null));
  const voices = signal(/** @type {readonly Voice[]} */ ([]));
  const stale = signal(false);
  const tried = signal(false);
  const problems = computed(() => (form.value ? settingsProblems(form.value) : {}));
  let etag = "";

  const load = () =>
    actions.run("settings", async () => {
      const answer = await api.request("GET", pathOf(panel));
      etag = answer.etag ?? "";
      form.value = formOf(answer.body);
      stale.value = false;
      tried.value = false;
    });

  async function loadVoices() {
    try {
      voices.value = (await api.request("GET", "/v1/voices")).body.voices;
    } catch {
      // Without the list the panel keeps the voice that it has.
    }
  }

  async function save() {
    tried.value = true;
    if (!form.value || Object.keys(problems.value).length > 0) return;
    const settings = settingsOf(form.value);
    await actions.run("save-settings", async () => {
      try {
        const answer = await write("PUT", pathOf(panel), settings, { "If-Match": etag });
        etag = answer.etag ?? (await currentEtag());
        stale.value = false;
        notices.say(desk.settings.saved);
        panels.refresh();
      } catch (error) {
        if (!hasStatus(error, 412)) throw error;
        etag = await currentEtag();
        stale.value = true;
      }
    });
  }

  async function currentEtag() {
    return (await api.request("GET", pathOf(panel))).etag ?? "";
  }

  return {
    panel,
    form,
    voices,
    stale,
    /** What is wrong, once saving was tried. */
    problems: computed(() => (tried.value ? problems.value : {})),
    listening,
    /** @param {Partial<SettingsForm>} values */
    change: (values) => {
      if (form.value) form.value = { ...form.value, ...values };
    },
    load,
    loadVoices,
    save,
    listen: () => {
      const current = form.value;
      if (current) void listening.listen(LISTENER, sampleSpeech(current).said, current.voice);
    },
    isPending: actions.isPending,
  };
}

/** @typedef {ReturnType<typeof createSettingsStore>} SettingsStore */
