/**
 * What `deno deploy` is told to run in the place of its own command line, which then gets every argument
 * once: Deno 2.9.6 passes each on twice, and the command line refuses that (denoland/deno#36722). Under a
 * Deno that does not, this changes nothing. It runs inside `deno deploy`, so that a login which the
 * system keeps is found. `?cli=` names another command line.
 */
const half = Deno.args.length / 2;
const first = Deno.args.slice(0, half);
const repeats = Number.isInteger(half) && first.every((arg, at) => arg === Deno.args[half + at]);
if (repeats) Object.defineProperty(Deno, "args", { value: first });
await import(new URL(import.meta.url).searchParams.get("cli") ?? "jsr:@deno/deploy");
