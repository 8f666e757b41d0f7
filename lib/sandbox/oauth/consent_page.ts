/** The pages of the simulated provider. */
import { LATE_FAULTS } from "./faults.ts";

/** The question put to the user. */
export interface Consent {
  /** The host of the requesting app. */
  readonly host: string;
  /** Identifies the request when it is submitted. Valid once. */
  readonly ticket: string;
  /** The origin that receives the response. */
  readonly redirectOrigin: string;
}

/** Asks for consent: a key or a denial, and the faults to simulate. */
export function consentPage({ host, ticket, redirectOrigin }: Consent): Response {
  const faults = Object.entries(LATE_FAULTS).map(([word, meaning]) =>
    `<option value="${word}">${word}: ${meaning}</option>`
  );
  return htmlPage(
    200,
    "Allow access?",
    `<h1>${escapeHtml(host)} asks for an API key</h1>
<p>It will run tasks with the key you choose. This provider is simulated: its keys work only in this
sandbox, and nothing is billed.</p>
<form method="post" action="/getKeys/authorize">
<input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
<fieldset><legend>Key</legend>
<label><input type="radio" name="key" value="first" checked> My first key</label>
<label><input type="radio" name="key" value="second"> My second key</label>
<label><input type="radio" name="key" value="new"> A new key</label>
</fieldset>
<details><summary>Make something go wrong</summary>
<label for="fault">What happens after “Allow”</label>
<select id="fault" name="fault"><option value="">nothing goes wrong</option>${
      faults.join("")
    }</select></details>
<p class="answers"><button name="decision" value="allow">Allow</button>
<button name="decision" value="deny" class="quiet">Deny</button></p>
</form>`,
    // Chromium applies form-action to the redirect after a form as well.
    `'self' ${redirectOrigin}`,
  );
}

/** Explains why the request is invalid. */
export function problemPage(status: number, message: string): Response {
  return htmlPage(
    status,
    "Invalid request",
    `<h1>Invalid request</h1><p>${escapeHtml(message)}.</p>
<p>Go back to the app and start again.</p>`,
    "'none'",
  );
}

const STYLE = `:root{color-scheme:light dark;font:15px/1.6 system-ui,sans-serif}
body{margin:0 auto;max-width:36rem;padding:2rem 1rem}
h1{font-size:1.375rem;line-height:1.3;overflow-wrap:anywhere}
.tape{margin:0 0 2rem;padding:.5rem .75rem;border-left:.75rem solid #b57600;background:light-dark(#fbefcf,#2f250c);color:light-dark(#744b00,#e9bd63)}
fieldset{margin:0;padding:0;border:0}legend,label[for]{font-weight:600}
label{display:flex;align-items:center;gap:.5rem;min-height:2.75rem}
summary{min-height:2.75rem;padding-top:.6rem;cursor:pointer;box-sizing:border-box}
select{font:inherit;width:100%;min-height:2.75rem}
.answers{display:flex;gap:1rem}
button{font:inherit;font-weight:600;min-height:2.75rem;padding:0 1.25rem;border:1px solid light-dark(#00685c,#5ecab6);border-radius:3px;background:light-dark(#00685c,#5ecab6);color:light-dark(#fff,#04211c);cursor:pointer}
.quiet{background:none;color:inherit}`;

function htmlPage(status: number, title: string, main: string, formAction: string): Response {
  const nonce = crypto.randomUUID();
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; form-action ${formAction}; ` +
    "base-uri 'none'; frame-ancestors 'none'";
  return new Response(
    `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · simulated provider</title><style nonce="${nonce}">${STYLE}</style></head>
<body><main><p class="tape"><strong>Simulated.</strong> This stands in for Parallel’s own page.</p>
${main}</main></body></html>
`,
    {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      },
    },
  );
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
