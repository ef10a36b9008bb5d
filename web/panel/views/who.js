/** Whom a call is for, as the settings show it. */

/** @import { Call, Settings } from "../../shared/types.js" */

/**
 * @param {Call} call
 * @param {Settings["show"]} show
 * @returns {{ main: string, ticket: string | null }} `main`: the large line; `ticket`: beside it, if both are shown
 */
export function who(call, show) {
  const { ticket, name, text } = call;
  if (text) return { main: text, ticket: null };
  if (show === "ticket") return { main: ticket ?? name ?? "", ticket: null };
  const both = show === "name_and_ticket" && name;
  return { main: name ?? ticket ?? "", ticket: both ? ticket : null };
}
