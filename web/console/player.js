/** Plays a clip by Web Audio: the content security policy allows no media element a foreign URL. */

export function createPlayer() {
  /** @type {AudioContext | null} */
  let context = null;
  /** @type {AudioBufferSourceNode | null} */
  let source = null;

  function unlock() {
    context ??= new AudioContext();
    void context.resume();
  }

  /**
   * @param {string} url of a clip that may be fetched without a key
   * @returns {Promise<void>} when it has ended or was stopped
   * @throws {TypeError | DOMException} it cannot be fetched or decoded
   */
  async function play(url) {
    stop();
    if (!context) throw new TypeError("unlock first");
    const response = await fetch(url, { credentials: "omit" });
    if (!response.ok) throw new TypeError(`HTTP ${response.status}`);
    const clip = await context.decodeAudioData(await response.arrayBuffer());
    const playing = context.createBufferSource();
    playing.buffer = clip;
    playing.connect(context.destination);
    source = playing;
    await new Promise((resolve) => {
      playing.onended = resolve;
      playing.start();
    });
  }

  function stop() {
    source?.stop();
    source = null;
  }

  return { unlock, play, stop };
}

/** @typedef {ReturnType<typeof createPlayer>} Player */
