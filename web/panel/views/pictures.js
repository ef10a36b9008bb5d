/** The room's pictures and muted videos, in turn; they stand still while somebody is called. */

import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../../shared/html.js";

const SHOWN_MS = 15_000;
const IS_VIDEO = /\.(?:mp4|webm)$/;

/** @param {{ paths: string[], paused: boolean }} props */
export function Pictures({ paths, paused }) {
  const [turn, setTurn] = useState(0);
  const [broken, setBroken] = useState(-1);
  const path = paths[turn % paths.length] ?? "";
  const isVideo = IS_VIDEO.test(path) && broken !== turn;
  const next = () => setTurn(turn + 1);
  useEffect(() => {
    // A video says itself when it is over; one that cannot be played is waited for like a picture.
    if (paused || isVideo) return undefined;
    const timer = setTimeout(next, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [turn, paused, isVideo]);
  const source = { key: turn, src: `/${path}`, onError: () => setBroken(turn) };
  return html`
    <div class=${paused ? "pictures dimmed" : "pictures"} aria-hidden="true">
      ${
        broken !== turn &&
        (isVideo
          ? html`<${Video} ...${source} paused=${paused} onEnded=${next} />`
          : html`<img ...${source} alt="" />`)
      }
    </div>
  `;
}

/** @param {{ src: string, paused: boolean, onEnded: () => void, onError: () => void }} props */
function Video({ src, paused, onEnded, onError }) {
  const ref = useRef(/** @type {HTMLVideoElement | null} */ (null));
  useEffect(() => {
    if (paused) ref.current?.pause();
    else ref.current?.play().catch(() => undefined);
  }, [paused]);
  return html`<video
    ref=${ref}
    src=${src}
    muted=${true}
    playsinline=${true}
    onEnded=${onEnded}
    onError=${onError}
  />`;
}
