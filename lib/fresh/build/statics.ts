/**
 * Prepares static files: hashes them, adds hashes to the URLs in stylesheets, compresses them.
 */
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { isCompressible, typeOf } from "../files/types.ts";
import { HASH_PARAM } from "../files/table.ts";
import { filesBelow } from "./project.ts";

/** A file to serve, with its compressed variants. */
export interface BuiltFile {
  /** The decoded path of its URL. */
  path: string;
  type: string;
  hash: string;
  immutable: boolean;
  plain: Uint8Array<ArrayBuffer>;
  br?: Uint8Array<ArrayBuffer>;
  gzip?: Uint8Array<ArrayBuffer>;
}

/** Reads static directories. Of files with the same name, the first directory's wins. */
export async function readStatics(
  dirs: readonly string[],
  ignore: readonly RegExp[],
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const dir of dirs) {
    for (const name of await filesBelow(dir, ignore)) {
      const hidden = name.split("/").some((part) => part.startsWith(".") && part !== ".well-known");
      if (hidden || files.has(`/${name}`)) continue;
      files.set(`/${name}`, await Deno.readFile(join(dir, name)));
    }
  }
  return files;
}

/** Hashes files, and adds the hashes to the URLs in stylesheets. */
export async function buildStatics(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  compress: boolean,
): Promise<BuiltFile[]> {
  const hashes = new Map<string, string>();
  const built: BuiltFile[] = [];
  // Stylesheets come last because they contain the hashes of other files.
  const ordered = [...files].sort(([a], [b]) =>
    Number(a.endsWith(".css")) - Number(b.endsWith(".css"))
  );
  for (const [path, content] of ordered) {
    const plain = path.endsWith(".css") ? lockUrls(content, hashes) : content;
    const hash = await hashOf(plain);
    hashes.set(path, hash);
    built.push({ path, type: typeOf(path), hash, immutable: false, plain });
  }
  return compress ? built.map(compressed) : built;
}

/** Makes files of the scripts of a bundle. */
export async function scriptFiles(
  scripts: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  compress: boolean,
): Promise<BuiltFile[]> {
  const built: BuiltFile[] = [];
  for (const [path, plain] of scripts) {
    built.push({ path, type: typeOf(path), hash: await hashOf(plain), immutable: true, plain });
  }
  return compress ? built.map(compressed) : built;
}

/** Hashes content: the first 48 bits of its SHA-256 in hex, enough to tell the versions of a file apart. */
export async function hashOf(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, 6).toHex();
}

function lockUrls(
  css: Uint8Array<ArrayBuffer>,
  hashes: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(css);
  const locked = text.replace(/url\(\s*(["']?)(\/[^"')?#\s]+)\1\s*\)/g, (all, quote, path) => {
    const hash = hashes.get(path);
    return hash ? `url(${quote}${path}?${HASH_PARAM}=${hash}${quote})` : all;
  });
  return locked === text ? css : new TextEncoder().encode(locked);
}

function compressed(file: BuiltFile): BuiltFile {
  if (!isCompressible(file.type)) return file;
  const { plain } = file;
  const br = own(brotliCompressSync(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.byteLength,
    },
  }));
  const gzip = own(gzipSync(plain, { level: 9 }));
  return {
    ...file,
    ...(br.byteLength < plain.byteLength ? { br } : {}),
    ...(gzip.byteLength < plain.byteLength ? { gzip } : {}),
  };
}

function own(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
