/**
 * `<Head>` on the server: its rendered children are merged into the document's head. The last tag of
 * a kind wins.
 */

/** Identifies a tag before it is rendered, as Fresh 2.3.3 does: a key alone, whatever the tag. */
export function identityOf(type: string, key: unknown, props: object): string {
  if (key != null) return `${key}`;
  if (type === "title") return type;
  const ignored = type === "meta" ? "content" : type === "link" ? "href" : "";
  const kept = Object.entries(props).filter(([name]) =>
    name !== "children" && name !== "nonce" && name !== ignored
  ).map(([name, value]) => `${name}=${value}`).sort();
  return [type, ...kept].join(" ");
}

/**
 * Adds the tags of `extra` to `head`. Each replaces the tag with the same identity. Identifying a tag takes longer
 * than finding it, so tags whose name is not in `extra` are not identified.
 */
export function mergeHead(head: string, extra: string): string {
  const added = [...tagsOf(extra)];
  const names = new Set(added.map(({ name }) => name));
  const tags = new Map<string | Tag, string>();
  for (const tag of tagsOf(head)) tags.set(names.has(tag.name) ? identity(tag) : tag, tag.html);
  for (const tag of added) tags.set(tag.name === "#" ? tag : identity(tag), tag.html);
  return [...tags.values()].join("");
}

interface Tag {
  name: string;
  attributes: string;
  content: string;
  html: string;
}

const TAG = /<([a-z][a-z0-9-]*)((?:\s+[^\s"'<>/=]+(?:="[^"]*")?)*)\s*\/?>/gy;
const VOID = new Set(["meta", "link", "base"]);

/** Reads the head's top-level tags. The renderer wrote them, so attributes have double quotes. */
function* tagsOf(html: string): Generator<Tag> {
  let at = 0;
  while (at < html.length) {
    TAG.lastIndex = at;
    const match = TAG.exec(html);
    if (match === null) {
      // Keep text and comments where they are.
      const next = html.indexOf("<", at + 1);
      const end = next === -1 ? html.length : next;
      yield { name: "#", attributes: `${at}`, content: "", html: html.slice(at, end) };
      at = end;
      continue;
    }
    const [opening, name = "", attributes = ""] = match;
    const start = at + opening.length;
    let end = start, content = "";
    if (!VOID.has(name)) {
      const closing = `</${name}>`;
      const found = html.indexOf(closing, start);
      content = found === -1 ? html.slice(start) : html.slice(start, found);
      end = found === -1 ? html.length : found + closing.length;
    }
    yield { name, attributes, content, html: html.slice(at, end) };
    at = end;
  }
}

/** Identifies a rendered tag: by name (title, base), by key, or by name, attributes and content. */
function identity({ name, attributes, content }: Tag): string {
  if (name === "title" || name === "base") return name;
  const key = /\sdata-key="([^"]*)"/.exec(attributes);
  if (key) return `${name} key ${key[1]}`;
  const volatile = name === "meta" ? "content" : name === "link" ? "href" : null;
  const kept = (attributes.match(/[^\s"'<>/=]+(?:="[^"]*")?/g) ?? [])
    .filter((attribute) => volatile === null || !attribute.startsWith(`${volatile}=`));
  return `${name} ${kept.sort().join(" ")} ${content}`;
}
