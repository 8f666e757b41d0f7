// Conveniences of every page; nothing depends on them. A finished run's page loads no other script.

// A module by its own words, so that the build minifies it.
export {};

// The page set the attribute before it was painted (routes/_app.tsx): from now on this file listens too.
document.documentElement.dataset.script = "on";

// What is open would cover what Tab moves on to.
const closeMenus = ({ target }) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
};
addEventListener("focusin", (event) => {
  closeMenus(event);
  const left = event.relatedTarget?.closest("[popover]");
  if (!event.target.closest("[popover]")) left?.hidePopover();
});

addEventListener("click", (event) => {
  closeMenus(event);
  const button = event.target.closest("[data-copy]");
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

addEventListener("keydown", ({ key, target }) => {
  // What a menu has opened above it closes first.
  if (key !== "Escape" || document.querySelector(":is(:popover-open)")) return;
  target.closest(".menu[open]")?.firstChild.focus();
  closeMenus({});
});

// If the server rejected a form, focus the summary of its errors.
document.querySelector("#errors")?.focus();

// The run that a submit of this tab has made: its draft has become a task (components/form/draft.ts). A draft
// that was typed since, in another tab, stays.
const session = sessionStorage;
const local = localStorage;
const sent = session["sent-draft"];
if (sent?.startsWith("{")) {
  const { key, submit, draft } = JSON.parse(sent);
  if (document.cookie.includes(`created=${submit}`)) {
    delete session["sent-draft"];
    if (local[key] === draft) delete local[key];
  }
}

// Drafts go with their account, once it is left: signed out, this session ended, or deleted.
const account = document.querySelector("[data-account]")?.dataset.account;
const { leaving } = session;
delete session.leaving;
if (leaving && leaving !== account) {
  session.clear();
  // Forms in other tabs keep no draft any more.
  local.left = leaving;
  for (const key in local) {
    if (key === "left" || key.startsWith(`draft:${leaving}:`)) delete local[key];
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
