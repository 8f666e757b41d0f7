/** Serves scripts of the builds before to pages that were open before a restart. */

/** A script with a hash of its content in its name: it never changes, and no other file has the name. */
const HASHED = /^\/_fresh\/js\/[\w-]{1,200}-(?:[\da-f]{12}|[\dA-Z]{8})\.js$/;

/**
 * The script at a path that the build does not list, or `null`. `lib/build/previous.ts` keeps the scripts of the build
 * before among those of the build: a page loads some of its scripts only when they are needed.
 */
export async function previousScript(
  root: string,
  { method }: Pick<Request, "method">,
  pathname: string,
): Promise<Response | null> {
  if (!HASHED.test(pathname) || (method !== "GET" && method !== "HEAD")) return null;
  const script = await Deno.readFile(`${root}/_fresh/static${pathname}`).catch(() => null);
  if (script === null) return null;
  return new Response(method === "HEAD" ? null : script, {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    },
  });
}
