/** Secrets that a test plants, and where it searches for them. */

/** A secret, and its name in findings. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** Ways to write a secret that hide nothing: as it is, base64 at each of three offsets, hex. */
function spellings(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  const shifted = [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.byteLength);
    padded.set(bytes, offset);
    // The characters that depend on their neighbours are cut off at both ends.
    return padded.toBase64().slice(offset === 0 ? 0 : 4, -4);
  });
  const url = shifted.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [value, encodeURIComponent(value), bytes.toHex(), ...shifted, ...url];
}

/** Collects texts by their source, and finds the canaries in them. */
export class Collection {
  readonly #canaries: readonly Canary[];
  readonly #counts = new Map<string, number>();
  readonly found: string[] = [];

  constructor(canaries: readonly Canary[]) {
    this.#canaries = canaries;
  }

  /** Looks at a text of a kind of place; `allowed` canaries belong there. */
  add(kind: string, where: string, text: string, allowed: readonly string[] = []): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const lower = text.toLowerCase();
    for (const { name, value } of this.#canaries) {
      if (allowed.includes(name)) continue;
      const hit = spellings(value).find((spelling) => lower.includes(spelling.toLowerCase()));
      if (hit === undefined) continue;
      const at = Math.max(0, lower.indexOf(hit.toLowerCase()) - 80);
      this.found.push(`${name} in ${kind} ${where}: …${text.slice(at, at + 240)}…`);
    }
  }

  /** Looks at a whole response, and gives its body. */
  async addResponse(where: string, response: Response): Promise<string> {
    for (const [name, value] of response.headers) {
      this.add(
        "headers",
        `${where} ${name}`,
        value,
        name === "set-cookie" ? ["session cookie"] : [],
      );
    }
    const body = where.includes("/tasks/events") ? await begin(response) : await response.text();
    this.add("bodies", where, body);
    return body;
  }

  /** Looks at every key and value of a store, bytes and all. */
  async addStore(kv: Deno.Kv): Promise<void> {
    for await (const { key, value } of kv.list({ prefix: [] })) {
      this.add("stored values", key.join("/"), `${key.join("/")} ${textOf(value)}`);
    }
  }

  /** How much was looked at. */
  get summary(): string {
    return [...this.#counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
  }
}

/** The first piece of an endless stream. */
async function begin(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const piece = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(piece?.value);
}

/** Everything in a value that could be read as text. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder("latin1").decode(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Deno.KvU64) return String(value.value);
  return Object.entries(value).map(([name, inner]) => `${name} ${textOf(inner)}`).join(" ");
}
