// The button for the colours, loaded when it is pressed.

/** Takes the next colours, on the server and on this page. */
export async function change(form) {
  const root = document.documentElement;
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
}
