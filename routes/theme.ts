import { ownPath, setCookie } from "../lib/accounts/mod.ts";
import { readForm } from "../lib/form_body.ts";
import { define } from "../lib/state.ts";

const YEAR_SECONDS = 365 * 86_400;

export const handler = define.handlers({
  async POST(ctx) {
    const form = await readForm(ctx.req);
    const theme = form.get("theme");
    const fixed = theme === "light" || theme === "dark";
    // `system` needs no cookie: the stylesheet follows the browser.
    const cookie = setCookie("theme", fixed ? theme : "", {
      secure: ctx.state.secure,
      maxAgeSeconds: fixed ? YEAR_SECONDS : 0,
    });
    const headers = new Headers({ location: ownPath(String(form.get("next") ?? "")) });
    headers.append("set-cookie", cookie);
    return new Response(null, { status: 303, headers });
  },
});
