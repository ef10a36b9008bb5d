/** Puts a file where the API said, telling how far it is: `fetch` cannot tell that. */
import { NoAnswerError } from "../../shared/api.js";

const TIMEOUT_MS = 5 * 60_000;

/**
 * @typedef {{ url: string, method: string, headers: Record<string, string> }} Target
 *
 * @param {Target} target presigned: it takes no key of ours
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {(share: number) => void} onProgress 0-1
 * @returns {Promise<void>}
 * @throws {NoAnswerError} it did not arrive
 */
export function sendFile({ url, method, headers }, bytes, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.timeout = TIMEOUT_MS;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => (request.status < 300 ? resolve() : reject(new NoAnswerError()));
    request.onerror = request.ontimeout = () => reject(new NoAnswerError());
    request.send(bytes);
  });
}

/** @typedef {typeof sendFile} SendFile */
