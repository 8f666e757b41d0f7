/** Notifications of the browser itself. static/notifications.js finds out whether it can, and asks on a click. */

export interface ThisBrowserProps {
  readonly pushKey: string;
  readonly problem: string | null;
}

export function ThisBrowser({ pushKey, problem }: ThisBrowserProps) {
  return (
    <li id="this-browser" data-key={pushKey}>
      <h3>This browser</h3>
      <div>
        <p id="push-state" role="status" class={problem === null ? "" : "error-text"}>
          {problem ?? "Notifications of the browser need JavaScript."}
        </p>
        <form id="push" method="post" action="/account/notifications" hidden>
          <input type="hidden" name="act" value="browser" />
          <input type="hidden" name="subscription" />
          <button type="submit" class="button">Turn on in this browser</button>
        </form>
      </div>
      <p class="text-sm text-soft">
        Delivered by the push service of your browser’s maker, which cannot read them: they are
        encrypted.
      </p>
    </li>
  );
}
