/** The announcement in words, for the system's voice: the host's own words stay with the host. */

/** @import { Call, Settings } from "../shared/types.js" */

/**
 * @param {Call} call
 * @param {Settings} settings
 * @returns {string} such as "Atenção, Maria da Silva, Consultório 3"
 */
export function announcement(call, { say, template }) {
  if (call.text) return call.text;
  const senha = say === "name" && call.name ? null : call.ticket;
  const nome = say === "ticket" && call.ticket ? null : call.name;
  /** @type {Record<string, string | null>} */
  const parts = { senha, nome, local: call.place };
  const words = template ?? "Atenção, {senha}, {nome}, {local}";
  return words
    .replace(/\{(senha|nome|local)\}/g, (_, part) => parts[part] ?? "")
    .replace(/(,\s*)+/g, ", ")
    .replace(/[\s,]+$/, "");
}
