/**
 * Replaces Deno Deploy's command line under the real `deno deploy`. It knows one organisation and no app,
 * rejects repeated arguments, and prints its arguments to stderr.
 */

const write = (stream: typeof Deno.stdout, value: unknown) =>
  void stream.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));

const [first = "", second = ""] = Deno.args;
const twice = Deno.args.find((arg, at) => arg.startsWith("-") && Deno.args.indexOf(arg) !== at);
if (twice !== undefined) {
  write(Deno.stderr, { error: { message: `Option "${twice}" can only occur once` } });
  Deno.exit(2);
}
write(Deno.stderr, Deno.args);

/** The real one keeps the organisation and the app there; this version drops all else. */
if (first === "rewrite") {
  Deno.writeTextFileSync("deno.json", '{"deploy":{"org":"acme"}}');
  if (second === "fail") Deno.exit(4);
}
/** Another user who edits the app at the same time. */
if (first === "edit") Deno.writeTextFileSync("deno.json", '{ "tasks": {} }\n');
const answers: Readonly<Record<string, unknown>> = {
  whoami: { authenticated: true, orgs: [{ slug: "acme" }] },
  apps: { items: [], nextCursor: null },
  database: [],
  ".": { productionUrl: "https://tasks.example" },
};
write(Deno.stdout, answers[first] ?? {});
