// Shows notifications that this instance sends, opens their page on a click, and says where to send them when the
// push service has changed the browser's subscription. It does nothing else: pages do not load through it.

addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data.json();
  event.waitUntil(registration.showNotification(title, { body, tag, data: url }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { href, origin } = new URL(event.notification.data, location.href);
  if (origin !== location.origin) return;
  event.waitUntil((async () => {
    const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
    // It may be open at one of its parts.
    const open = windows.find(({ url }) => url.split("#")[0] === href);
    await (open ? open.focus() : clients.openWindow(href));
  })());
});

addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event.oldSubscription, event.newSubscription));
});

// Browsers that do not name the old subscription leave the place to be switched off with the next notification.
async function renew(before, given) {
  if (!before) return;
  const { applicationServerKey } = before.options;
  const made = given ??
    await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const fields = {
    act: "renew",
    before: before.endpoint,
    subscription: JSON.stringify(made),
  };
  await fetch(registration.scope, {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
}
