/** Detects in a real browser what a page must not do: run scripts, call out, navigate, or break its policy. */
import type { BrowserContext, Page } from "playwright-core";

/** The findings so far. */
export interface Noticed {
  /** Marks of the payloads that ran. */
  readonly executed: string[];
  /** Violated directives, as `securitypolicyviolation` events tell them. */
  readonly violations: string[];
  /** Requests to other hosts. */
  readonly calls: string[];
  readonly dialogs: string[];
}

/** Watches every page of a context from now on. `own` are the origins that may be called. */
export async function watch(context: BrowserContext, own: readonly string[]): Promise<Noticed> {
  const noticed: Noticed = { executed: [], violations: [], calls: [], dialogs: [] };
  await context.exposeBinding("__xss", (_, mark: unknown) => {
    noticed.executed.push(String(mark));
  });
  await context.exposeBinding("__violation", (_, text: unknown) => {
    noticed.violations.push(String(text));
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber, sample } = event;
      const where = `${location.pathname} ${sourceFile}:${lineNumber}`;
      const report = Reflect.get(globalThis, "__violation");
      report(`${effectiveDirective} ${blockedURI} at ${where} ${sample}`);
    });
  });
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && !own.includes(origin)) noticed.calls.push(request.url());
  });
  context.on("dialog", async (dialog) => {
    noticed.dialogs.push(dialog.message());
    await dialog.dismiss();
  });
  return noticed;
}

/** The findings in the whole document. */
export interface Audit {
  /** Elements and attributes that no page of ours has. */
  readonly foreign: string[];
  /** All text and all values of fields. */
  readonly shown: string;
}

/** The names in the file that the icons of our pages point to. */
const ICONS = [
  ...Deno.readTextFileSync(new URL("../../static/icons.svg", import.meta.url))
    .matchAll(/<symbol id="([\w-]+)"/g),
].map(([, id]) => `#${id}`);

/** Opens everything that can be opened, lets pending events run, and looks through the document. */
export function audit(page: Page): Promise<Audit> {
  return page.evaluate(async (icons) => {
    const isIcon = (element: Element) =>
      element.localName === "use" && element.attributes.length === 1 &&
      /^\/icons\.svg(?:\?__frsh_c=\w+)?#/.test(element.getAttribute("href") ?? "") &&
      icons.includes(new URL(element.getAttribute("href") ?? "", location.origin).hash) &&
      element.closest("svg.icon") !== null;
    for (const details of document.querySelectorAll("details")) details.open = true;
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const foreign: string[] = [];
    const values: string[] = [];
    const banned = "iframe,frame,object,embed,base,applet,marquee,math,style,meta[http-equiv]," +
      "foreignObject,animate,set,use,audio,video,img[src^='http'],script:not([nonce])";
    for (const element of document.querySelectorAll(banned)) {
      if (element.matches('script[type="application/json"]') || isIcon(element)) continue;
      foreign.push(element.outerHTML.slice(0, 200));
    }
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        // Set by our scripts through the CSSOM, which the policy allows: sizes and places.
        if (name === "style" && /^(?:height|transform): [\w.()-]+;$/.test(value)) continue;
        if (/^on|^style$|^srcdoc$|^xlink:/.test(name)) {
          foreign.push(`${element.tagName} ${name}=${value}`);
        }
        if (!/^(?:href|src|action|formaction|data|poster|background|ping)$/.test(name)) continue;
        const url = URL.parse(value, document.baseURI);
        const own = url?.origin === location.origin;
        if (url !== null && /^https?:$/.test(url.protocol) && (own || element.tagName === "A")) {
          const rel = element.getAttribute("rel") ?? "";
          const marked = ["noopener", "noreferrer", "nofollow"].every((word) => rel.includes(word));
          if (!own && !marked) foreign.push(`a link without rel: ${value}`);
        } else if (!value.startsWith("data:image/")) {
          foreign.push(`${element.tagName} ${name}=${value}`);
        }
      }
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
        values.push(element.value);
      }
    }
    return { foreign, shown: `${document.documentElement.textContent}\n${values.join("\n")}` };
  }, ICONS);
}
