/** Browser notifications. static/notifications.js detects support and asks for permission on a click. */

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
          {problem ?? "Browser notifications need JavaScript."}
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
