/** Exchanges that go wrong. */
import { html, json, seeOther } from "./answer.ts";
import type { OAuthFault } from "./faults.ts";

/** The answer of an exchange that goes wrong, or `null`. */
export function faultyToken(
  faults: ReadonlySet<OAuthFault>,
  signal: AbortSignal,
): Response | Promise<Response> | null {
  if (faults.has("token-500")) return json({ error: "server_error" }, 500);
  if (faults.has("token-html")) return html();
  if (faults.has("token-redirect")) return seeOther(new URL("https://elsewhere.example/"));
  if (faults.has("token-endless")) return json({ access_token: "x".repeat(100_000) });
  if (faults.has("token-silent")) {
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true })
    );
  }
  if (faults.has("no-token")) return json({ token_type: "bearer" });
  if (faults.has("number-token")) return json({ access_token: 4711 });
  if (faults.has("spaced-token")) return json({ access_token: "sk sim with spaces" });
  if (faults.has("short-token")) return json({ access_token: "sk-sim" });
  if (faults.has("sandbox-token")) return json({ access_token: "sandbox-0123456789abcdef" });
  return null;
}
