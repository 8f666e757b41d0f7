/** The notification at a run's end. */

/** Turns it on, asking for permission, or off. */
export async function wishNotification(on: boolean): Promise<void> {
  const granted = on && await Notification.requestPermission() === "granted";
  localStorage.setItem("notify", granted ? "on" : "off");
}

/** Tells a person who looks elsewhere that the run has ended so. */
export function tellEnd(status: string): void {
  if (!document.hidden) return;
  const told = new Notification(`Run ${status}`, {
    body: document.title.replace(/^[^:]*: /, ""),
    tag: location.pathname,
  });
  told.onclick = () => {
    focus();
    told.close();
  };
}
