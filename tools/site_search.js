// Search in a site that is opened from a folder: see site_search.py. The theme takes its index from __search.
var __search;
if (location.protocol === "file:") {
  document.write('<script src="' + new URL("index.js", document.currentScript.src) + '"></script>');

  // A worker in a frame: it has a window of its own, where the worker's script finds the functions that it asks for.
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inner = frame.contentWindow;
      this.inner.postMessage = data => this.dispatchEvent(new MessageEvent("message", {data}));
      this.ready = new Promise(done => {
        const script = this.inner.document.createElement("script");
        script.src = new URL(address, document.baseURI);
        script.onload = done;
        this.inner.document.body.append(script);
      });
    }
    postMessage(data) {
      this.ready.then(() => this.inner.dispatchEvent(new this.inner.MessageEvent("message", {data})));
    }
    terminate() {}
  };
}
