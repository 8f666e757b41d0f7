// The trace of a run, live or ended: more of it as one scrolls, search and filters in place, raw events.
// The server renders all of it. Without this script the same links and the same form load a page.

const $ = (id) => document.getElementById(id);
const trace = $("trace");
const box = $("find");

/** Loads a part of the trace from the server; `null` if the server does not respond, or after a newer request. */
const ask = (search, signal) =>
  new Promise((resolve) => {
    // Trusted types forbid to parse text. A request for a document parses what the server sends.
    const request = new XMLHttpRequest();
    request.open("GET", `${location.pathname}/trace${search}`);
    request.responseType = "document";
    request.onloadend = () => resolve(request.response?.getElementById("trace") ?? null);
    request.send();
    signal?.addEventListener("abort", () => request.abort());
  });

/** Shows another part instead. The element stays: a live page appends to it. */
function show(part) {
  for (const { name } of [...trace.attributes]) trace.removeAttribute(name);
  for (const { name, value } of part.attributes) trace.setAttribute(name, value);
  trace.replaceChildren(...part.childNodes);
  const { find = "", kind = "" } = trace.dataset;
  for (const filter of document.querySelectorAll("[data-filter]")) {
    if (filter.dataset.filter === kind) filter.setAttribute("aria-current", "true");
    else filter.removeAttribute("aria-current");
  }
  if (document.activeElement !== box) box.value = find;
  watch();
}

// More, before its link comes into sight.
const nearing = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) more(target);
}, { rootMargin: "800px" });

function watch() {
  nearing.disconnect();
  // What a live page puts before its rows stands below what was searched for.
  const found = trace.querySelector(":scope > .trace-found");
  if (found?.previousElementSibling) trace.prepend(found);
  for (const link of trace.querySelectorAll(":scope > .rest")) nearing.observe(link);
}

async function more(link) {
  if ("busy" in link.dataset) return;
  link.dataset.busy = "";
  const isEarlier = link.rel === "prev";
  // A link of a live page (components/feed/append.tsx) does not say what is searched for.
  const { find = "", kind = "" } = trace.dataset;
  const params = new URLSearchParams({ find, kind });
  for (const [name, value] of new URLSearchParams(link.search)) params.set(name, value);
  const part = await ask(`?${params}`);
  // Another part is shown by now, or the network is gone: the link remains.
  if (part === null || !link.isConnected) return delete link.dataset.busy;
  const stays = isEarlier ? link.nextElementSibling : null;
  const top = stays?.getBoundingClientRect().top;
  const rest = isEarlier ? "next" : "prev";
  link.replaceWith(
    ...[...part.children].filter((each) => each.rel !== rest && each.className !== "trace-found"),
  );
  if (!isEarlier) {
    for (const name of ["at", "upTo", "open"]) {
      if (name in part.dataset) trace.dataset[name] = part.dataset[name];
    }
    trace.className = part.className;
  } // Where the browser keeps what is read in its place by itself, nothing is left to do.
  else requestAnimationFrame(() => scrollBy(0, stays.getBoundingClientRect().top - top));
  watch();
}

// Search and filters.
let asking;

async function find(kind = trace.dataset.kind) {
  asking?.abort();
  asking = new AbortController();
  const params = new URLSearchParams();
  if (box.value.trim()) params.set("find", box.value);
  if (kind) params.set("kind", kind);
  const search = params.size > 0 ? `?${params}` : "";
  // As the form and the links would have it.
  history.replaceState(history.state, "", location.pathname + search);
  const part = await ask(search, asking.signal);
  if (part) show(part);
}

let typing;
box?.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(find, 150);
});
box?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  find();
});

/** Brings an event onto the page and opens what it is folded in. Or the search, with what was being typed there. */
export async function reach(id, { text, caret } = {}) {
  if (!$(id)) {
    const part = await ask(`?raw=${id.slice(1)}`);
    if (part) show(part);
  }
  const row = $(id);
  for (let part = row?.parentElement; part; part = part.parentElement) {
    if (part.localName === "details") part.open = true;
  }
  if (row === box) {
    box.focus({ preventScroll: true });
    box.value = text;
    box.setSelectionRange(caret, caret);
    find();
  }
  return row;
}

async function reachHash() {
  if (!/^#e\d+$/.test(location.hash)) return;
  (await reach(location.hash.slice(1)))?.scrollIntoView({ block: "center" });
}

/** Shows or hides the raw event of a row. */
async function toggleRaw(row) {
  const raw = row.querySelector(":scope > .raw");
  if (raw) return raw.remove();
  const part = await ask(`?raw=${row.id.slice(1)}`);
  const found = part?.querySelector(`#${row.id} > .raw`);
  if (found && !row.querySelector(":scope > .raw")) row.append(found);
}

addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if ("filter" in link.dataset || link.parentElement.className === "trace-found") {
    event.preventDefault();
    if (!("filter" in link.dataset)) box.value = "";
    find(link.dataset.filter ?? "");
  } else if (link.className === "at") {
    event.preventDefault();
    toggleRaw(link.closest("li"));
  } else if (link.getAttribute("href").startsWith("?raw=")) {
    event.preventDefault();
    location.hash = link.hash;
    reachHash();
  }
});

// A live page goes on appending: what comes is filtered too. components/feed/show_found.ts searches it.
const kindsOf = (name) =>
  document.querySelector(`[data-filter="${name}"]`)?.dataset.kinds.split(" ");
new MutationObserver((changes) => {
  if (changes.some(({ target }) => target === trace)) watch();
  const { kind } = trace.dataset;
  const kinds = kind && kindsOf(kind);
  if (!kinds) return;
  for (const { addedNodes, target } of changes) {
    if (target === trace) continue;
    for (const node of addedNodes) {
      const row = node.parentElement?.closest(".e") ?? node;
      if (row.className === "e" && !kinds.includes(row.dataset.kind)) row.hidden = true;
    }
  }
}).observe(trace, { childList: true, subtree: true });

addEventListener("hashchange", reachHash);
watch();
reachHash();
// Typed while this was on its way.
if (box && box.value !== box.defaultValue) find();
