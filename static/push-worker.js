// Shows notifications that this instance sends, and opens their page on a click. It does nothing else: pages
// do not load through it.

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
    const open = windows.find(({ url }) => url === href);
    await (open ? open.focus() : clients.openWindow(href));
  })());
});
