// A send as it goes on: numbers come from the server once a second, in words already.
// When the edition turns to another state, the page is asked for anew: its buttons are others.
const box = document.querySelector("[data-stream]");
if (box && window.EventSource) {
  const meter = box.querySelector("progress");
  const source = new EventSource(box.dataset.stream);
  source.addEventListener("count", (event) => {
    const told = JSON.parse(event.data);
    if (meter && told.share !== null) meter.value = told.share;
    for (const [name, words] of Object.entries(told.words)) {
      for (const place of document.querySelectorAll(`[data-told="${name}"]`)) {
        place.textContent = words;
      }
    }
  });
  source.addEventListener("turn", () => {
    source.close();
    location.replace(location.pathname);
  });
}
