/** The pronunciation lexicon (docs/lexicon.md) as a list of entries, and what changes between two. */

/**
 * @typedef {"any" | "name" | "place" | "acronym"} Scope
 * @typedef {{ written: string, spoken: string, scope: Scope }} Entry
 *
 * A person's change: an entry in the place of another; null where there is none.
 * @typedef {{ before: Entry | null, after: Entry | null }} Change
 */

/** @param {string} text @returns {string} as words are compared: without case and accents */
export function folded(text) {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .trim();
}

/** @param {Entry} entry @returns {string} the same for entries of the same words and scope */
export function keyOf({ written, scope }) {
  return `${scope}\u0000${folded(written)}`;
}

/**
 * @param {readonly Entry[]} entries
 * @param {Change} change
 * @returns {Entry[]} sorted as people look words up
 */
export function withChange(entries, { before, after }) {
  const gone = new Set([before, after].flatMap((entry) => (entry ? [keyOf(entry)] : [])));
  const others = entries.filter((entry) => !gone.has(keyOf(entry)));
  return sorted(after ? [...others, after] : others);
}

/** @param {readonly Entry[]} entries @returns {Entry[]} */
export function sorted(entries) {
  return [...entries].sort((one, other) => one.written.localeCompare(other.written, "pt-BR"));
}

/**
 * @param {readonly Entry[]} from
 * @param {readonly Entry[]} to
 * @returns {Change[]} what somebody did between the two
 */
export function changesBetween(from, to) {
  const was = new Map(from.map((entry) => [keyOf(entry), entry]));
  const is = new Map(to.map((entry) => [keyOf(entry), entry]));
  const removed = from.filter((entry) => !is.has(keyOf(entry)));
  const others = to.filter((entry) => !isSame(was.get(keyOf(entry)), entry));
  return [
    ...removed.map((before) => ({ before, after: null })),
    ...others.map((after) => ({ before: was.get(keyOf(after)) ?? null, after })),
  ];
}

/** @param {Change} one @param {Change} other @returns {boolean} both are about the same words */
export function touchSame(one, other) {
  const keys = new Set([one.before, one.after].flatMap((entry) => (entry ? [keyOf(entry)] : [])));
  return [other.before, other.after].some((entry) => entry !== null && keys.has(keyOf(entry)));
}

/** @param {readonly Entry[]} entries @param {string} wanted @returns {Entry[]} */
export function found(entries, wanted) {
  const part = folded(wanted);
  return entries.filter(
    ({ written, spoken }) => folded(written).includes(part) || folded(spoken).includes(part),
  );
}

/** @param {Entry | undefined} one @param {Entry} other */
function isSame(one, other) {
  return one?.written === other.written && one.spoken === other.spoken;
}
