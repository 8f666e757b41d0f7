// /account/notifications: says whether this browser can be notified, and turns that on. It asks for permission
// only on a click.

// A module by its own words, so that the build minifies it.
export {};

const WORKER = "/push-worker.js";
const SCOPE = "/account/notifications";
const $ = (id) => document.getElementById(id);
const place = $("this-browser"), form = $("push"), state = $("push-state");

const say = (text, isWrong = false) => {
  state.textContent = text;
  state.className = isWrong ? "error-text" : "";
};

// Why it cannot work here, if it cannot.
const why = () => {
  if (!isSecureContext) return "Browsers allow this only over HTTPS. This page came over HTTP.";
  const isApple = /iPhone|iPad/.test(navigator.userAgent);
  if (!navigator.serviceWorker || !globalThis.PushManager || !globalThis.Notification) {
    return isApple
      ? "On iPhone and iPad, add this page to the Home Screen first, and open it from there."
      : "This browser has no Web Push.";
  }
  if (!place.dataset.key) return "This server is just starting. Reload the page.";
  if (Notification.permission === "denied") {
    return "You have blocked notifications from this site in the browser’s settings.";
  }
};

const subscription = async () => {
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  return await registration?.pushManager.getSubscription();
};

// The id that the server gives this browser: see browserId() in lib/notify/targets.ts.
const idOf = async ({ endpoint }) => {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `push-${hex.join("").slice(0, 32)}`;
};

const look = async () => {
  const reason = why();
  if (reason) return say(reason);
  const known = await subscription();
  const row = known && $(await idOf(known));
  if (row) return say("On: it is one of the destinations above");
  if (!state.classList.contains("error-text")) say("Off");
  form.hidden = false;
};

const turnOn = async () => {
  const asked = await Notification.requestPermission();
  if (asked !== "granted") {
    return say(
      "The browser did not allow notifications. You can change that in its settings.",
      true,
    );
  }
  // One that is not on the list may belong to another key of this server.
  await (await subscription())?.unsubscribe();
  // The only URL that this page's policy lets a script load as code (lib/middleware/security.ts).
  const policy = globalThis.trustedTypes?.createPolicy("push-worker", {
    createScriptURL: () => WORKER,
  });
  const url = policy ? policy.createScriptURL(WORKER) : WORKER;
  await navigator.serviceWorker.register(url, { scope: SCOPE });
  const { pushManager } = await navigator.serviceWorker.ready;
  const made = await pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: place.dataset.key,
  });
  form.elements.subscription.value = JSON.stringify(made);
  form.submit();
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  turnOn().catch(({ message }) => say(`The browser’s push service refused: ${message}`, true));
});

look().catch(({ message }) => say(`This browser’s notifications cannot be read: ${message}`, true));
