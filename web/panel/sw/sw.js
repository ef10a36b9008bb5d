/** The panel's service worker: the shell works without a network. */
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";

/** @type {any} */
const worker = self;

precacheAndRoute(worker.__WB_MANIFEST);
cleanupOutdatedCaches();
