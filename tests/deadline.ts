/**
 * Loaded before every test file. A hanging test fails by name after five minutes; otherwise one lost wake-up
 * would block the whole run.
 */
import { runInThisContext } from "node:vm";

const LIMIT_MS = 5 * 60_000;

type Limit = (args: readonly unknown[]) => readonly unknown[];

/** The arguments of `Deno.test`, in any of its forms, with a limit among the options. */
const limited: Limit = (args) => {
  const at = args.findIndex((argument) => typeof argument === "object" && argument !== null);
  return at === -1
    ? args.toSpliced(-1, 0, { timeout: LIMIT_MS })
    : args.with(at, { timeout: LIMIT_MS, ...Object(args[at]) });
};

// Deno reports a test as from the file that calls `Deno.test`. It passes over files of its own, whose
// names begin with `ext:`, so this call is made in one: reports name the test's file.
const wrap: (test: typeof Deno.test, limited: Limit) => typeof Deno.test = runInThisContext(
  `(test, limited) =>
    new Proxy(test, { apply: (test, self, args) => Reflect.apply(test, self, limited(args)) })`,
  { filename: "ext:deadline" },
);

Object.defineProperty(Deno, "test", { value: wrap(Deno.test, limited) });
