/** What the simulated provider answers with, and reads. */
import { isObject, readBody, readJson as parseJson } from "../../base/mod.ts";

/** A form, a registration: none comes near (bytes). */
const MAX_BODY_BYTES = 16_384;

export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

/** An error as OAuth words it (RFC 6749 section 5.2). */
export function oauthError(status: number, error: string, error_description: string): Response {
  return json({ error, error_description }, status);
}

/** What a proxy says when the service behind it is down. */
export function unavailable(): Response {
  return new Response("Service unavailable", { status: 503 });
}

/** A page where data is expected. */
export function html(): Response {
  const headers = { "content-type": "text/html; charset=utf-8" };
  return new Response("<!doctype html><title>A web page</title>", { headers });
}

export function seeOther(location: URL): Response {
  const headers = { location: location.href, "referrer-policy": "no-referrer" };
  return new Response(null, { status: 303, headers });
}

/** The fields of a posted form; none where it is too long. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request));
}

/** A posted JSON object; empty where it is none. */
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
