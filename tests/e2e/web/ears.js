// Listens to what the page really plays: every sample on its way to the loudspeaker is measured,
// together with the call that the page says it is speaking; and notes each call that it shows.
// Runs before the page's own scripts.
(() => {
  const heard = [];
  window.__heard = heard;
  const shown = [];
  window.__shown = shown;
  new MutationObserver(() => {
    const call = document.documentElement.dataset.call;
    if (call && shown[shown.length - 1] !== call) shown.push(call);
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-call"] });

  const connect = AudioNode.prototype.connect;
  const listening = new WeakSet();
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && !listening.has(this)) {
      listening.add(this);
      const tap = target.context.createScriptProcessor(2048, 2, 1);
      tap.onaudioprocess = ({ inputBuffer }) => {
        let energy = 0;
        for (let c = 0; c < inputBuffer.numberOfChannels; c += 1)
          for (const sample of inputBuffer.getChannelData(c)) energy += sample * sample;
        const rms = Math.sqrt(energy / inputBuffer.length);
        if (rms > 1e-4)
          heard.push({
            at: Date.now(),
            rms,
            speaking: document.documentElement.dataset.speaking ?? "",
          });
      };
      connect.call(this, tap);
      connect.call(tap, target);
    }
    return connect.call(this, target, ...rest);
  };
})();
