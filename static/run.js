// A finished run's page: copies the result, loads the script of its trace.
// Everything here can be had without it, by the page's own links and forms.

// A module by its own words, so that the build minifies it.
export {};

const $ = (id) => document.getElementById(id);
const trace = $("trace");

// Finding, filtering, reading on and raw events: the script of a live page too.
const traceScript = () => import(trace.dataset.script);
if (trace) {
  const part = trace.closest("details");
  // What was typed or opened while this was on its way counts too.
  if (part.open || /^#e\d+$/.test(location.hash)) traceScript();
  for (const type of ["toggle", "pointerover", "focusin"]) {
    part.addEventListener(type, () => part.open && traceScript());
  }
}

// Copying. The text may still be on its way, which browsers allow for within a click.
const written = (types) => navigator.clipboard.write([new ClipboardItem(types)]);
const blob = (text, type) => new Blob([text], { type });

const copies = {
  copyFrom: (id) => navigator.clipboard.writeText($(id).textContent),
  copyUrl: (url) =>
    written({
      "text/plain": fetch(url).then(async (response) => {
        if (!response.ok) throw new Error(response.statusText);
        return blob(await response.text(), "text/plain");
      }),
    }),
  copyRich: (id) => {
    const { html, text } = rich($(id));
    return written({
      "text/html": blob(html, "text/html"),
      "text/plain": blob(text, "text/plain"),
    });
  },
};

// The result without what only works in this page, and with the mark of what is not real.
function rich(result) {
  const copy = result.cloneNode(true);
  for (
    const part of copy.querySelectorAll(
      "nav, aside, details, button, .reasons, .reasons-row, .sr-only",
    )
  ) part.remove();
  for (const link of copy.querySelectorAll("a[href^='#']")) {
    // The numbers beside a field, unlike those in a text, have no brackets.
    link.replaceWith(link.ariaLabel ? ` [${link.textContent}]` : link.textContent);
  }
  for (const element of copy.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) {
      if (name !== "href" && name !== "dir") element.removeAttribute(name);
    }
  }
  const heads = [...document.querySelectorAll("h1, .tape")].map((part) => {
    const head = document.createElement(part.localName);
    head.textContent = part.textContent;
    return head;
  }).reverse();
  copy.prepend(...heads);
  // Lines as laid out: only what is shown has them.
  const text = [...heads.map((head) => head.textContent), result.innerText].join("\n\n");
  return { html: copy.innerHTML, text };
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button");
  const [kind] = Object.keys(button?.dataset ?? {}).filter((name) => name in copies);
  if (!kind || "busy" in button.dataset) return;
  // The icon beside the words stays.
  const label = button.querySelector("span") ?? button;
  const words = label.textContent;
  button.dataset.busy = "";
  label.textContent = await copies[kind](button.dataset[kind]).then(
    () => "copied",
    () => "not copied",
  );
  setTimeout(() => {
    label.textContent = words;
    delete button.dataset.busy;
  }, 1500);
});

// Above what is read stands the answer now: said until it comes into sight.
function arrive() {
  const arrival = $("arrival");
  const answer = document.querySelector(arrival?.firstElementChild.hash ?? "#arrival");
  if (!answer) return;
  new IntersectionObserver(([{ isIntersecting }], observer) => {
    arrival.hidden = isIntersecting;
    if (isIntersecting) observer.disconnect();
  }).observe(answer);
}

// The live page left word of where the reader was when the run ended (islands/RunFeed.tsx).
const KEEP = `keep:${location.pathname}`;
const kept = sessionStorage.getItem(KEEP);
if (kept) {
  sessionStorage.removeItem(KEEP);
  // Not before this page is left: the browser has yet to decide where it scrolls.
  addEventListener("pagehide", () => history.scrollRestoration = "auto");
  const { announcement, row, top, ...typed } = JSON.parse(kept);
  if (row && trace) {
    traceScript().then(({ reach }) => reach(row, typed)).then((at) => {
      const back = () => at && scrollBy(0, at.getBoundingClientRect().top - top);
      back();
      // Rows out of sight have guessed heights until they are near.
      requestAnimationFrame(() => requestAnimationFrame(() => (back(), arrive())));
    });
  }
  const announcer = document.getElementById("announce");
  if (announcer) setTimeout(() => announcer.textContent = announcement, 300);
}
