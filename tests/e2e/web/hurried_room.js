// A day in three minutes: clocks run HURRY times as fast, sounds end at once after they were decoded
// and started, and the API is answered here. All else is the page's own. Runs before its scripts.
(() => {
  const HURRY = 100;
  const CALLS_IN_A_PAGE = 20;
  const realNow = performance.now.bind(performance);
  const begun = realNow();
  const hurried = () => begun + (realNow() - begun) * HURRY;
  performance.now = hurried;
  const today = Date.now();
  Date.now = () => today + hurried() - begun;
  const later = window.setTimeout.bind(window);
  window.setTimeout = (run, ms = 0, ...rest) => later(run, ms / HURRY, ...rest);

  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...rest) {
    start.apply(this, rest);
    later(() => this.stop(), 5);
  };

  const room = { announced: 0, shown: new Set(), spoken: new Set() };
  window.__room = room;
  new MutationObserver(() => {
    const { call, speaking } = document.documentElement.dataset;
    if (call) room.shown.add(call);
    if (speaking) room.spoken.add(speaking);
  }).observe(document, {
    subtree: true,
    attributes: true,
    attributeFilter: ["data-call", "data-speaking"],
  });

  const at = () => new Date(performance.timeOrigin + hurried()).toISOString();
  const event = (seq) => ({
    seq,
    type: "call",
    at: at(),
    call: {
      id: `call-${seq}`,
      seq,
      status: "calling",
      called_at: at(),
      ticket: `A${seq}`,
      name: `Paciente de número ${seq}`,
      place: `Consultório ${(seq % 9) + 1}`,
      text: null,
      recall_of: null,
    },
  });

  function feed(after) {
    // The next page comes when the last call of this one was on the screen.
    const due = room.shown.has(`call-${room.announced}`) || room.announced === 0;
    if (room.wanted > room.announced && due) {
      room.announced = Math.min(room.wanted, room.announced + CALLS_IN_A_PAGE);
    }
    const events = [];
    for (let seq = (after ?? 0) + 1; seq <= room.announced; seq += 1) events.push(event(seq));
    return { seq: room.announced, now: at(), settings: "1", events, more: false };
  }

  const json = (body) =>
    new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
  const realFetch = window.fetch.bind(window);
  window.fetch = async (input, options) => {
    const url = new URL(typeof input === "string" ? input : input.url, location.href);
    if (!url.pathname.startsWith("/v1/") && url.pathname !== "/__clip") {
      return realFetch(input, options);
    }
    await new Promise((resolve) => later(resolve, 1));
    if (url.pathname === "/__clip") return new Response(wav());
    if (url.pathname.endsWith("/speech")) {
      return json({ status: "ready", id: "x", url: "/__clip", duration_s: 0.3, cached: true });
    }
    if (url.pathname.endsWith("/heartbeat")) {
      const { spoken: last } = JSON.parse(options.body);
      return json({ voice: true, spoken: last, devices: 1, lease_s: 15 });
    }
    if (url.pathname.endsWith("/calls")) {
      const after = url.searchParams.get("after");
      return json(feed(after === null ? null : Number(after)));
    }
    return json(SETTINGS);
  };

  const SETTINGS = {
    title: "Recepção",
    show: "name",
    say: "name",
    template: null,
    voice: null,
    repeats: 1,
    chime: "none",
    volume: 1,
    quiet_hours: null,
    time_zone: "America/Fortaleza",
    places: [],
    history: 6,
    pictures: [],
    theme: "dark",
  };

  // 0.3 s of a 440 Hz tone, 16 bit, 22 050 Hz.
  function wav() {
    const rate = 22050;
    const samples = Math.round(0.3 * rate);
    const view = new DataView(new ArrayBuffer(44 + 2 * samples));
    const text = (where, letters) =>
      [...letters].forEach((letter, i) => view.setUint8(where + i, letter.charCodeAt(0)));
    text(0, "RIFF");
    view.setUint32(4, 36 + 2 * samples, true);
    text(8, "WAVEfmt ");
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true);
    view.setUint16(22, 1, true);
    view.setUint32(24, rate, true);
    view.setUint32(28, 2 * rate, true);
    view.setUint16(32, 2, true);
    view.setUint16(34, 16, true);
    text(36, "data");
    view.setUint32(40, 2 * samples, true);
    for (let i = 0; i < samples; i += 1) {
      view.setInt16(44 + 2 * i, 9000 * Math.sin((2 * Math.PI * 440 * i) / rate), true);
    }
    return view.buffer;
  }
})();
