// Conveniences of every page; nothing depends on them. A finished run's page loads no other script.

// A module by its own words, so that the build minifies it.
export {};

// The page set the attribute before it was painted (routes/_app.tsx): from now on this file listens too.
document.documentElement.dataset.script = "on";

const closeMenus = (but) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(but)) menu.open = false;
  }
};

addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  closeMenus(event.target);
  if (!button) return;
  const label = button.querySelector("span") ?? button;
  const word = label.textContent;
  navigator.clipboard.writeText(button.dataset.copy).then(
    () => "copied",
    () => "not copied",
  ).then((said) => {
    label.textContent = said;
    setTimeout(() => label.textContent = word, 1500);
  });
});

addEventListener("keydown", ({ key }) => {
  // What a menu has opened above it closes first.
  if (key !== "Escape" || document.querySelector(":is(:popover-open)")) return;
  document.activeElement.closest(".menu[open]")?.firstChild.focus();
  closeMenus();
});

// A form that came back with mistakes: the summary speaks first.
document.getElementById("errors")?.focus();

// The run that a submit of this tab has made: its draft has become a task (components/form/draft.ts). A draft
// that was typed since, in another tab, stays.
const { sessionStorage: session, localStorage: local } = globalThis;
const sent = session["sent-draft"];
if (sent?.startsWith("{")) {
  const { key, submit, draft } = JSON.parse(sent);
  if (document.cookie.includes(`created=${submit}`)) {
    session.removeItem("sent-draft");
    if (local.getItem(key) === draft) local.removeItem(key);
  }
}

// Drafts go with their account, once it is left: signed out, this session ended, or deleted.
const account = document.querySelector("[data-account]")?.dataset.account;
const { leaving } = session;
session.removeItem("leaving");
if (leaving && leaving !== account) {
  session.clear();
  // Forms in other tabs keep no draft any more.
  local.left = leaving;
  for (const key of Object.keys(local)) {
    if (key === "left" || key.startsWith(`draft:${leaving}:`)) local.removeItem(key);
  }
}
const LEAVES = /^\/(auth\/logout|account\/(delete|sessions|keys\/remove))$/;

addEventListener("submit", (event) => {
  const form = event.target;
  const action = form.getAttribute("action");
  if (account && LEAVES.test(action)) session.leaving = account;
  if (action !== "/theme") return;
  // Changing colours keeps what was typed.
  event.preventDefault();
  import(new URL("theme.js", import.meta.url)).then(
    ({ change }) => change(form),
    () => form.submit(),
  );
});
