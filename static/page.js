// Conveniences of every page; nothing depends on them. A finished run's page loads no other script.

// A module by its own words, so that the build minifies it.
export {};

const root = document.documentElement;
root.dataset.script = "";

const closeMenus = (but) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(but)) menu.open = false;
  }
};

addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  closeMenus(event.target);
  if (!button) return;
  const word = button.textContent;
  navigator.clipboard.writeText(button.dataset.copy).then(
    () => "copied",
    () => "not copied",
  ).then((said) => {
    button.textContent = said;
    setTimeout(() => button.textContent = word, 1500);
  });
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

// Changing colours keeps what was typed.
addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== "/theme") return;
  event.preventDefault();
  const button = form.elements.theme;
  const theme = button.value;
  const body = new URLSearchParams({ theme, next: "/healthz" });
  const sent = await fetch("/theme", { method: "POST", body }).catch(() => null);
  if (!sent?.ok) return;
  const fixed = theme !== "system";
  if (fixed) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.querySelector("[name=color-scheme]").content = fixed ? theme : "light dark";
  button.value = { system: "light", light: "dark", dark: "system" }[theme];
  button.title = `Colours: ${theme}`;
  button.ariaLabel = `${button.title}. Switch to ${button.value}`;
});

// A form that came back with mistakes: the summary speaks first.
document.getElementById("errors")?.focus();

// The run that a submit of this tab has made: its draft has become a task (components/form/draft.ts). A draft
// that was typed since, in another tab, stays.
const kept = (name) => {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
};
const sent = kept("sent-draft");
if (sent && document.cookie.split("; ").includes(`created=${sent.submit}`)) {
  sessionStorage.removeItem("sent-draft");
  if (localStorage.getItem(sent.key) === sent.draft) localStorage.removeItem(sent.key);
}

// Drafts go with their account: once it is really left, by signing out, ending this session or deletion.
const account = document.querySelector("[data-account]")?.dataset.account;
const leaving = kept("leaving");
sessionStorage.removeItem("leaving");
if (leaving && leaving !== account) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(`draft:${leaving}:`)) localStorage.removeItem(key);
  }
}
addEventListener("submit", ({ target }) => {
  const leaves = ["/auth/logout", "/account/delete", "/account/sessions"];
  if (account && leaves.includes(target.getAttribute("action"))) {
    sessionStorage.setItem("leaving", JSON.stringify(account));
  }
});
