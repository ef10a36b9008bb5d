/** Every word that the pages show, in Brazilian Portuguese. `{x}` is filled in by `fill`. */

export const common = {
  product: "C-TV",
};

export const panel = {};

export const desk = {};

/**
 * @param {string} text with `{name}` places
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
