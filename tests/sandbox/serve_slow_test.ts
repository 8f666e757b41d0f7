/** The sandbox as a separate process. */
import { assertMatch, assertStrictEquals } from "@std/assert";

const ENTRY = new URL("../../lib/sandbox/serve.ts", import.meta.url).pathname;

function start(env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ENTRY],
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("the server prints one line with its address, responds there and stops on a signal", async () => {
  const child = start({ SANDBOX_PORT: "0", SANDBOX_SPEED: "50", SANDBOX_KV: ":memory:" });
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value: line = "" } = await reader.read();
    assertMatch(line, /^Taskstream sandbox on http:\/\/localhost:\d+ .*\n$/);
    const origin = /http:\S+/.exec(line)![0];
    const headers = { "x-api-key": "sandbox-demo", "content-type": "application/json" };
    const body = JSON.stringify({ input: "Who?", processor: "lite" });
    const created = await fetch(`${origin}/v1/tasks/runs`, { method: "POST", headers, body });
    assertStrictEquals(created.status, 202);
    const { run_id } = await created.json();
    const events = await fetch(`${origin}/v1beta/tasks/runs/${run_id}/events`, { headers });
    assertMatch(await events.text(), /^event: task_run\.state\n[^]*"status":"completed"/);
    const metadata = await fetch(`${origin}/.well-known/oauth-authorization-server`);
    assertStrictEquals((await metadata.json()).issuer, origin);
    const handedOut = { ...headers, "x-api-key": `sk-sim-${"0".repeat(32)}` };
    const known = await fetch(`${origin}/v1/tasks/runs/trun_x`, { headers: handedOut });
    assertStrictEquals(known.status, 404, "a key of its provider is good here");
    await known.body?.cancel();
    child.kill("SIGTERM");
    assertStrictEquals((await child.status).code, 0);
  } finally {
    await reader.cancel();
    await child.stderr.cancel();
  }
});

const WRONG = [
  [{ SANDBOX_PORT: "many" }, /^SANDBOX_PORT must be a port, 0 to 65535\n$/],
  [{ SANDBOX_SPEED: "-1" }, /^SANDBOX_SPEED must be a number above 0\n$/],
  [{ SANDBOX_OAUTH_FAULTS: "down,up" }, /^SANDBOX_OAUTH_FAULTS knows no "up"\n$/],
] as const;
for (const [env, message] of WRONG) {
  Deno.test(`${Object.entries(env).join().replace(",", "=")} stops the start with one clear line`, async () => {
    const { code, stderr } = await start(env).output();
    assertStrictEquals(code, 1);
    assertMatch(new TextDecoder().decode(stderr), message);
  });
}
