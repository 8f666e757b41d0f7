/**
 * `fresh/runtime`: what islands and server code share. Every byte here may travel to the browser.
 */
import { type ComponentChildren, toChildArray, type VNode } from "preact";
import { useEffect } from "preact/hooks";
import { assetUrls } from "./client/assets.ts";

export { HttpError } from "./http_error.ts";

/**
 * Whether this code runs in a browser.
 *
 * @example
 * ```ts
 * import { IS_BROWSER } from "fresh/runtime";
 * const width = IS_BROWSER ? innerWidth : 0;
 * ```
 */
export const IS_BROWSER: boolean = typeof document !== "undefined";

/**
 * The URL of a static file that may be cached for ever: root-relative paths get the file's content
 * hash. Paths of no known file come back unhashed.
 *
 * @example
 * ```ts
 * import { asset } from "fresh/runtime";
 * const href = asset("/style.css"); // "/style.css?__frsh_c=5f3a…"
 * ```
 */
export function asset(path: string): string {
  return assetUrls.of(path);
}

/** What {@link Head} takes. */
export interface HeadProps {
  children?: ComponentChildren;
}

/**
 * Puts its children into the document's head. The last one of the same `key`, or of the same kind
 * and attributes, wins; there is one title. In an island, signals in a title or attribute are followed.
 *
 * @example
 * ```tsx
 * import { Head } from "fresh/runtime";
 * export const Titled = () => <Head><title>Tasks</title></Head>;
 * ```
 */
export function Head({ children }: HeadProps): VNode | null {
  // The server takes this component's place (render/head.ts); only browsers come here.
  // Signals are read while rendering, which is what subscribes to them.
  const tags = toChildArray(children).filter((child) => typeof child === "object").map((vnode) => ({
    type: String(vnode.type),
    key: vnode.key,
    text: toChildArray(vnode.props.children).map(current).join(""),
    attributes: Object.entries(vnode.props).filter(([name]) => name !== "children")
      .map(([name, value]) => [name, current(value)] as const),
  }));
  useEffect(() => {
    for (const { type, key, text, attributes } of tags) {
      if (type === "title") {
        document.title = text;
        continue;
      }
      const given = Object.fromEntries(attributes);
      const find = (name: string, value: unknown) =>
        value == null
          ? null
          : document.head.querySelector(`${type}[${name}="${CSS.escape(`${value}`)}"]`);
      const element = find("data-key", key) ?? find("id", given.id) ??
        (type === "meta"
          ? find("name", given.name)
          : type === "link"
          ? find("rel", given.rel)
          : null) ??
        document.head.appendChild(document.createElement(type));
      if (key != null) element.setAttribute("data-key", `${key}`);
      for (const [name, value] of attributes) element.setAttribute(name, `${value}`);
      if (text) element.textContent = text;
    }
  });
  return null;
}

function current(value: unknown): unknown {
  return typeof value === "object" && value !== null && "peek" in value && "value" in value
    ? value.value
    : value;
}
