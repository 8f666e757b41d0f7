/**
 * `<Head>` in the browser. A class rather than hooks: otherwise every island that imports from
 * `fresh/runtime` would load the hooks.
 */
import { Component, type ComponentChildren, toChildArray } from "preact";

/** The props of {@link Head}. */
export interface HeadProps {
  children?: ComponentChildren;
}

interface Tag {
  type: string;
  key: unknown;
  text: string;
  attributes: Record<string, unknown>;
}

/**
 * Moves its children into the document's head. The last tag with the same `key`, or the same kind and
 * attributes, wins. There is one title. In an island, a title or attribute follows its signals.
 *
 * @example
 * ```tsx
 * import { Head } from "fresh/runtime";
 * export const Titled = () => <Head><title>Tasks</title></Head>;
 * ```
 */
export class Head extends Component<HeadProps> {
  #tags: Tag[] = [];

  // Only browsers run this: the server renders a placeholder (render/placeholders.ts).
  override render() {
    // Reading a signal while rendering subscribes to it.
    this.#tags = toChildArray(this.props.children).flatMap((child) => {
      if (typeof child !== "object") return [];
      const { children, ...given } = child.props as Record<string, ComponentChildren>;
      const attributes: Tag["attributes"] = {};
      for (const name in given) attributes[name] = current(given[name]);
      const text = toChildArray(children).map(current).join("");
      return { type: `${child.type}`, key: child.key, text, attributes };
    });
    return null;
  }

  override componentDidMount() {
    this.#tags.forEach(apply);
  }

  override componentDidUpdate() {
    this.#tags.forEach(apply);
  }
}

function apply({ type, key, text, attributes }: Tag): void {
  if (type === "title") {
    document.title = text;
    return;
  }
  const find = (name: string, value: unknown) =>
    value == null
      ? null
      : document.head.querySelector(`${type}[${name}="${CSS.escape(`${value}`)}"]`);
  const element = find("data-key", key) ?? find("id", attributes.id) ??
    (type === "meta" ? find("name", attributes.name) : null) ??
    (type === "link" ? find("rel", attributes.rel) : null) ??
    document.head.appendChild(document.createElement(type));
  if (key != null) element.setAttribute("data-key", `${key}`);
  for (const name in attributes) element.setAttribute(name, `${attributes[name]}`);
  if (text) element.textContent = text;
}

function current(value: unknown): unknown {
  return typeof value === "object" && value !== null && "peek" in value && "value" in value
    ? value.value
    : value;
}
