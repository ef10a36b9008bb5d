/** The panel's service worker: the shell and the pictures work without a network. */
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";

const PICTURES = "pictures";
/** Settings name at most 20; videos are not kept, for they are played in ranges. */
const PICTURES_KEPT = 20;
const IS_PICTURE = /^\/media\/.+\.(?:webp|jpg|png)$/;

/** @type {any} */
const worker = self;

// The page loads all its scripts at once, so a new worker may take over while an old page runs.
worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) =>
  event.waitUntil(worker.clients.claim()),
);
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === worker.location.origin && IS_PICTURE.test(url.pathname);
  if (ours) event.respondWith(picture(event.request));
});

// The build finds the list's place by these very words.
precacheAndRoute(/** @type {any} */ (self).__WB_MANIFEST);
cleanupOutdatedCaches();

/**
 * From the network, so that a changed picture shows, else from the cache.
 *
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function picture(request) {
  const cache = await caches.open(PICTURES);
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(cache, request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}

/** @param {Cache} cache @param {Request} request @param {Response} answer */
async function keep(cache, request, answer) {
  await cache.put(request, answer);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, -PICTURES_KEPT).map((old) => cache.delete(old)));
}
