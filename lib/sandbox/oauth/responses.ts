/** The simulated provider's responses and request readers. */
import { isObject, readBody, readJson as parseJson } from "../../base/mod.ts";

/** The limit for forms and registrations. Real ones are far smaller (bytes). */
const MAX_BODY_BYTES = 16_384;

export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

/** An error in OAuth's format (RFC 6749 section 5.2). */
export function oauthError(status: number, error: string, error_description: string): Response {
  return json({ error, error_description }, status);
}

/** A proxy's response when the service behind it is down. */
export function unavailable(): Response {
  return new Response("Service unavailable", { status: 503 });
}

/** An HTML page in place of data. */
export function html(): Response {
  const headers = { "content-type": "text/html; charset=utf-8" };
  return new Response("<!doctype html><title>A web page</title>", { headers });
}

export function seeOther(location: URL): Response {
  const headers = { location: location.href, "referrer-policy": "no-referrer" };
  return new Response(null, { status: 303, headers });
}

/** Returns the fields of a posted form; none if it is too long. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request));
}

/** Returns a posted JSON object; empty if it is invalid. */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  try {
    const value = parseJson(await readText(request));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

async function readText(request: Request): Promise<string> {
  const body = await readBody(request, { maxBytes: MAX_BODY_BYTES });
  return body.ok ? new TextDecoder().decode(body.bytes) : "";
}
