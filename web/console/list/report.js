/** An upload's progress and report (docs/api.md, "Uploads") in the desk's words. */
import { desk, fill } from "../../shared/strings.js";
import { fieldName } from "../failures.js";

/**
 * @typedef {object} Progress
 * @property {"expanding" | "rendering" | "done" | "rejected"} status
 * @property {number} total
 * @property {number} accepted
 * @property {number} rejected
 * @property {number} rendered
 * @property {number} cached
 * @property {number} failed
 * @property {string} [reason] why nothing could be read
 * @property {{ line: number, field: string, reason: string }[]} [rejected_rows]
 * @property {{ line: number, reason: string }[]} [failed_rows]
 *
 * @typedef {{ line: number, field: string, reason: string }} RowProblem
 */

const { reasons } = desk.list;

/** What the API says of a row begins or ends so (functions/speech/phrases.py, request.py). */
/** @type {readonly [RegExp, string][]} */
const REASONS = [
  [/must not contain control characters/, reasons.control],
  [/^more than \d+ rows/, reasons.tooManyRows],
  [/^says nothing|needs a ticket/, reasons.saysNothing],
  [/^has \d+ cells/, reasons.cells],
  [/^cannot be read as CSV/, reasons.quote],
  [/UTF-8|UTF-16/, reasons.notUtf8],
  [/JSON/, reasons.notJson],
  [/unknown field|Extra inputs/, reasons.unknownField],
  [/column .* unknown/, reasons.unknownColumn],
  [/names a column twice/, reasons.twice],
  [/needs a column/, reasons.needsColumn],
  [/^no such voice/, reasons.voice],
  [/was deleted/, reasons.deleted],
];
const TOO_LONG = /must have (\d+) to (\d+) characters/;

/** @param {string} reason as the API gives it @returns {string} */
export function reasonWords(reason) {
  const limits = TOO_LONG.exec(reason);
  if (limits) return fill(reasons.tooLong, { limits: `${limits[1]} a ${limits[2]} caracteres` });
  const known = REASONS.find(([pattern]) => pattern.test(reason));
  return known ? known[1] : fill(reasons.other, { detail: reason });
}

/** @param {Progress} progress @returns {RowProblem[]} by line */
export function rowProblems({ rejected_rows: rejected = [], failed_rows: failed = [] }) {
  const problems = [
    ...rejected.map(({ line, field, reason }) => ({
      line,
      field: fieldName(field) || field,
      reason: reasonWords(reason),
    })),
    ...failed.map(({ line }) => ({
      line,
      field: desk.fields.row,
      reason: desk.list.notRenderedReason,
    })),
  ];
  return problems.sort((one, other) => one.line - other.line);
}

/** @param {Progress} progress @returns {number} rows of which nothing more is to come */
export function doneRows({ rejected, rendered, cached, failed }) {
  return rejected + rendered + cached + failed;
}

/** @param {Progress} progress */
export function isFinal({ status }) {
  return status === "done" || status === "rejected";
}
