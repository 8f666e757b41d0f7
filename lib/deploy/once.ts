/**
 * Wraps the CLI of `deno deploy`, so that it gets every argument once: Deno 2.9.6 passes each one twice, and the
 * CLI refuses that (denoland/deno#36722). Does nothing under a Deno without this bug. It runs inside
 * `deno deploy`, so that a login which the system stores is found. `?cli=` names another CLI.
 */
const half = Deno.args.length / 2;
const first = Deno.args.slice(0, half);
const repeats = Number.isInteger(half) && first.every((arg, at) => arg === Deno.args[half + at]);
if (repeats) Object.defineProperty(Deno, "args", { value: first });
await import(new URL(import.meta.url).searchParams.get("cli") ?? "jsr:@deno/deploy");
