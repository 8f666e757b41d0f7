/** The chat as users start it: as a process, piped or in a pseudo-terminal. */
import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..", "..");
const MAIN = "examples/chat/main.ts";
const ENV = { NO_COLOR: "1", PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" };

/** Runs it to its end with that on stdin. */
async function piped(words: readonly string[], stdin: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...words],
    cwd: ROOT,
    clearEnv: true,
    env: ENV,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("a piped question is answered on stdout, with figures on stderr", async () => {
  const { code, out, err } = await piped(["--sandbox", "--provider", "google"], "Why Zürich?\n");
  assertStrictEquals(code, 0, err);
  assertMatch(out, /^You asked: “Why Zürich\?”\.[^\n]*arriving\.\n$/);
  assertMatch(
    err,
    // However long it took.
    /^gemini-3\.5-flash · 3 in, \d+ out · first token [\d.]+ s · [\d.]+ tokens\/s · cost \$/,
  );
});

Deno.test("without a key the process says so and exits with 2", async () => {
  const { code, out, err } = await piped(["--provider", "parallel", "--prompt", "a"], "");
  assertEquals({ code, out }, { code: 2, out: "" });
  assertMatch(err, /^No API key: set PARALLEL_API_KEY, or try --sandbox/);
});

Deno.test("a rejection ends the process with 1", async () => {
  const { code, out, err } = await piped(["--sandbox", "--prompt", "Why [429]?"], "");
  assertEquals({ code, out }, { code: 1, out: "" });
  assertMatch(err, /^The sandbox responded with status 429\..*Try again in 20 s\./);
});

Deno.test("SIGINT ends a one-shot answer with 130 and keeps the text so far", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "--sandbox", "--prompt", "Why?"],
    cwd: ROOT,
    clearEnv: true,
    env: ENV,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const decoder = new TextDecoder();
  let out = "";
  for await (const chunk of child.stdout) {
    if (out === "") child.kill("SIGINT");
    out += decoder.decode(chunk, { stream: true });
  }
  const err = decoder.decode(new Uint8Array(await new Response(child.stderr).arrayBuffer()));
  assertStrictEquals((await child.status).code, 130);
  assertMatch(out, /^You[^\n]*\n$/);
  assertMatch(err, /^\[stopped\] The answer so far is kept\.\n/);
});

/** util-linux's `script` makes a pseudo-terminal, in which Ctrl-C is a key like any other. */
const script = await (async () => {
  try {
    const { stdout } = await new Deno.Command("script", { args: ["--version"] }).output();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
})();

/** Types each text once the screen shows what it waits for, and gives the screen at the end. */
async function typed(steps: readonly (readonly [shown: RegExp, keys: string])[]) {
  const child = new Deno.Command("script", {
    // `exec`: a shell that stays would answer Ctrl-C as well, with a code of its own.
    args: ["-qec", `exec ${Deno.execPath()} run -A ${MAIN} --sandbox`, "/dev/null"],
    cwd: ROOT,
    clearEnv: true,
    env: { ...ENV, TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const decoder = new TextDecoder();
  const rest = [...steps];
  let screen = "";
  let from = 0;
  for await (const chunk of child.stdout) {
    screen += decoder.decode(chunk, { stream: true });
    const [step] = rest;
    if (step && step[0].test(screen.slice(from))) {
      from = screen.length;
      rest.shift();
      await keyboard.write(new TextEncoder().encode(step[1]));
    }
  }
  await child.stderr.cancel();
  const { code } = await child.status;
  await keyboard.close().catch(() => {});
  assertEquals(rest, [], `the screen was:\n${screen}`);
  return { code, screen: screen.replaceAll("\r\n", "\n") };
}

const CTRL_C = "\x03";

Deno.test({
  name: "in a terminal Ctrl-C stops an answer, the chat continues, and Ctrl-C at the prompt quits",
  ignore: !script,
  fn: async () => {
    const { code, screen } = await typed([
      [/> $/, "First?\n"],
      [/You asked: “First\?”\. This is/, CTRL_C],
      [/> $/, "Second?\n"],
      [/arriving\.[^]*> $/, CTRL_C],
    ]);
    assertStrictEquals(code, 0);
    // A word may still come between the key and what it does.
    assertMatch(screen, /\^C[^\n]*\n\[stopped\] The answer so far is kept\.\n/);
    assertMatch(
      screen,
      /“Second\?”\. With it came 2 earlier message\(s\), the first being “First\?”/,
    );
  },
});

Deno.test({
  name: "in a terminal an interrupted answer can be requested again",
  ignore: !script,
  fn: async () => {
    const { code, screen } = await typed([
      [/> $/, "Why [error]?\n"],
      [/\/retry asks again\.\s+> $/, "/retry\n"],
      [/\/retry asks again\.\s+> $/, "/quit\n"],
    ]);
    assertStrictEquals(code, 0);
    assertStrictEquals(
      screen.match(/The sandbox reported an error: The server had an error/g)?.length,
      2,
    );
    assertNotMatch(screen, /earlier message/);
  },
});
