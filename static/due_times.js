/**
 * The form of a schedule: proposes the browser's time zone, and shows the next times while one types. Without
 * this script the zone is UTC, and a button shows the times.
 */
const form = document.querySelector("[data-times]");
const list = form?.querySelector("#due-times ol");
const cost = form?.querySelector("#due-times p");
let timer = 0, latest = 0;

if (form?.dataset.browserZone !== undefined) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) form.elements.zone.value = zone;
  show();
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, 250);
});

async function show() {
  const query = new URLSearchParams(new FormData(form));
  const turn = ++latest;
  const response = await fetch(`${form.dataset.times}?${query}`).catch(() => null);
  if (!response?.ok || turn !== latest) return;
  const { times, zone, words } = await response.json();
  list.replaceChildren(...times.map(({ at, text }) => {
    const item = document.createElement("li"), time = document.createElement("time");
    time.dateTime = at;
    time.textContent = text;
    item.append(time, ` ${zone}`);
    return item;
  }));
  cost.textContent = words;
}
