// Opens citations in place: a popover below the row, filled from the list of sources. Without this script,
// the links lead to that list. The stylesheet positions the popover beside the element with `data-open`.

// A module by its own words, so that the build minifies it.
export {};

const card = document.getElementById("citation");
const part = (name) => card.querySelector(`[data-part=${name}]`);
const CHIP = "a.chip[href^='#source-']";
const chipAt = (target) => target.closest?.(CHIP);
const numberOf = (chip) => chip.hash.slice(8);
const sourceRow = (number) => document.getElementById(`source-${number}`);

/** How long the pointer rests before a card opens, and how long it may be off number and card (ms). */
const WAIT = 300, LEAVE = 250;
/** A higher row would put the card out of sight (px). */
const HIGH_ROW = 240;

let chip, order, timer, pinned;

const later = (action, ms) => {
  clearTimeout(timer);
  timer = setTimeout(action, ms);
};
const isOpen = () => card.matches(":popover-open");

function mark(on) {
  if (!chip) return;
  const row = chip.closest(".prose") ? chip : chip.closest("tr, .item, .field");
  (row && row.offsetHeight < HIGH_ROW ? row : chip).toggleAttribute("data-open", on);
  chip.ariaExpanded = on ? "true" : null;
}

function open(at, isPinned) {
  clearTimeout(timer);
  if (chip !== at || !isOpen()) {
    mark(false);
    chip = at;
    const own = [...(at.closest(".marks")?.querySelectorAll(CHIP) ?? [])];
    const all = document.querySelectorAll(".sources > li");
    order = own.length ? own.map(numberOf) : [...all].map(({ id }) => id.slice(7));
    show(numberOf(at));
    mark(true);
    // Its source: Tab goes from the number into the card.
    if (!isOpen()) card.showPopover({ source: at });
  }
  pinned = isPinned;
  if (isPinned) card.focus({ preventScroll: true });
}

function show(number) {
  const row = sourceRow(number);
  const link = row.querySelector(".link").cloneNode(true);
  // What this field quotes says more than the page's first excerpt.
  const selector = `[data-source="${number}"]`;
  const reasons = chip.closest("tr")?.nextElementSibling;
  const quoted = (reasons?.matches(".reasons-row") && reasons.querySelector(selector)) ||
    (chip.closest(".item, .field") ?? document.getElementById("why"))?.querySelector(selector) ||
    row;
  const quotes = [...quoted.querySelectorAll("q")].map((quote) => quote.cloneNode(true));
  for (const quote of quotes) quote.className = "";
  part("quotes").removeAttribute("data-whole");
  part("site").replaceChildren(...row.querySelector(".site").cloneNode(true).childNodes);
  part("title").replaceChildren(link);
  part("quotes").replaceChildren(...quotes);
  const page = part("page");
  page.hidden = !link.href;
  page.href = link.href;
  const place = order.indexOf(number);
  part("place").textContent = `${place + 1} of ${order.length}`;
  const next = part("next");
  next.value = order[(place + 1) % order.length];
  next.hidden = order.length < 2;
  part("next-words").textContent = `Next source ${next.value}`;
  card.ariaLabel = `Source ${number}`;
  // Known once it is laid out.
  const more = part("more");
  more.hidden = true;
  requestAnimationFrame(() => {
    more.hidden = !quotes.some(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 1);
  });
}

addEventListener("click", (event) => {
  const at = chipAt(event.target);
  if (!at || event.metaKey || event.ctrlKey || event.shiftKey || !sourceRow(numberOf(at))) return;
  event.preventDefault();
  open(at, true);
});
addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType !== "mouse") return;
  const at = chipAt(target);
  if (at && !(pinned && isOpen())) later(() => open(at, false), WAIT);
  else if (card.contains(target)) clearTimeout(timer);
  else if (!pinned) later(close, LEAVE);
});
addEventListener("focusin", ({ target }) => {
  const at = chipAt(target);
  if (at?.matches(":focus-visible") && !card.contains(at)) later(() => open(at, false), WAIT);
  else if (card.contains(target)) pinned = true;
  else {
    // A number that was passed by does not open afterwards.
    clearTimeout(timer);
    close();
  }
});
function close() {
  if (isOpen()) card.hidePopover();
}
card.addEventListener("click", ({ target }) => {
  if (target.closest("[data-part=more]")) {
    part("quotes").dataset.whole = "";
    part("more").hidden = true;
  }
  const next = target.closest("[data-part=next]");
  if (next) show(next.value);
});
card.addEventListener("toggle", ({ newState }) => {
  if (newState === "open") return;
  mark(false);
  pinned = false;
  // Where one goes on by the keyboard; a click elsewhere has moved the focus already.
  const { activeElement } = document;
  if (card.contains(activeElement) || activeElement === document.body) {
    chip.focus({ preventScroll: true });
  }
  // Its focus does not open it again.
  if (document.activeElement === chip) clearTimeout(timer);
});
