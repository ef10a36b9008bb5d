/** A file of phrases, made fit to be sent: the right kind, not empty, in UTF-8. */

const SUFFIXES = [".csv", ".jsonl", ".txt"];
export const SIZE_MB_MAX = 5;

/**
 * @typedef {"wrongSuffix" | "empty" | "tooLarge"} FileProblem
 * @typedef {{ name: string, size: number }} FileFacts
 */

/** For a file chooser's `accept`. */
export const ACCEPTED = SUFFIXES.join(",");

/** @param {FileFacts} file @returns {FileProblem | null} */
export function fileProblem({ name, size }) {
  if (!SUFFIXES.some((suffix) => name.toLowerCase().endsWith(suffix))) return "wrongSuffix";
  if (size === 0) return "empty";
  return size > SIZE_MB_MAX * 1024 * 1024 ? "tooLarge" : null;
}

/**
 * Spreadsheets in Brazil save CSV in Windows-1252, which the API refuses row by row.
 *
 * @param {ArrayBuffer} bytes
 * @returns {{ bytes: Uint8Array<ArrayBuffer>, converted: boolean }} UTF-8
 */
export function toUtf8(bytes) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { bytes: new Uint8Array(bytes), converted: false };
  } catch {
    const text = new TextDecoder("windows-1252").decode(bytes);
    return { bytes: new TextEncoder().encode(text), converted: true };
  }
}
