/** What an error means to the person at the desk: in Portuguese, with what to do. */
import { ApiError, NoAnswerError } from "../shared/api.js";
import { desk, fill } from "../shared/strings.js";

const DEFAULT_WAIT_S = 5;

/** @type {Record<number, string>} */
const BY_STATUS = {
  401: desk.failure.signedOut,
  403: desk.failure.forbidden,
  404: desk.failure.gone,
  409: desk.failure.conflict,
  412: desk.failure.stale,
  413: desk.failure.tooLarge,
};

/**
 * @param {unknown} error what a request threw
 * @param {Record<number, string>} [refused] better words for a status, where the screen knows more
 * @returns {string}
 */
export function failureWords(error, refused = {}) {
  if (error instanceof NoAnswerError) return desk.failure.noAnswer;
  if (!(error instanceof ApiError)) return desk.failure.otherNoCode;
  const { status } = error;
  const known = refused[status] ?? BY_STATUS[status];
  if (known) return known;
  if (status === 422) return invalidWords(error);
  if (status === 429) return fill(desk.failure.tooMany, { s: waitS(error) });
  if (status === 503) return fill(desk.failure.notReady, { s: waitS(error) });
  const code = error.problem?.request_id;
  return code ? fill(desk.failure.other, { code }) : desk.failure.otherNoCode;
}

/** @param {unknown} error @returns {boolean} the access key is not valid any more */
export function isSignedOut(error) {
  return error instanceof ApiError && error.status === 401;
}

/** @param {unknown} error @param {number} status */
export function hasStatus(error, status) {
  return error instanceof ApiError && error.status === status;
}

/** @param {ApiError} error */
function waitS(error) {
  return error.retryAfterS ?? DEFAULT_WAIT_S;
}

/** @param {ApiError} error */
function invalidWords(error) {
  const names = (error.problem?.errors ?? []).map(({ field }) => fieldName(field));
  const fields = [...new Set(names.filter(Boolean))].join(", ");
  return fields ? fill(desk.failure.invalidFields, { fields }) : desk.failure.invalid;
}

/**
 * @param {string} field as the API names it, such as `entries[17].spoken`
 * @returns {string} as the forms name it; "" where no form shows it
 */
export function fieldName(field) {
  /** @type {Record<string, string>} */
  const names = desk.fields;
  const last = field.split(".").pop() ?? "";
  return names[last.replace(/\[\d+\]$/, "")] ?? "";
}
