/**
 * Loaded before every test file: a test that hangs fails by its name after five minutes. Without it one
 * lost wake-up holds the whole run, which says nothing more until somebody ends it.
 */
const LIMIT_MS = 5 * 60_000;
// Tests put clocks of their own in place of these.
const { setTimeout, clearTimeout } = globalThis;

type Body = (context: Deno.TestContext) => void | Promise<void>;

async function inTime(run: Body, context: Deno.TestContext): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`It did not end in ${LIMIT_MS / 60_000} min`)),
      LIMIT_MS,
    );
  });
  try {
    await Promise.race([run(context), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A test's function, wherever among the arguments it is, with the limit around it. */
function limited(argument: unknown): unknown {
  if (typeof argument === "function") {
    const run = argument as Body;
    // Deno takes the name of a test without one from its function.
    const wrapped: Body = (context) => inTime(run, context);
    return Object.defineProperty(wrapped, "name", { value: run.name });
  }
  if (typeof argument === "object" && argument !== null && "fn" in argument) {
    return { ...argument, fn: limited(argument.fn) };
  }
  return argument;
}

Object.defineProperty(Deno, "test", {
  value: new Proxy(Deno.test, {
    apply: (test, self, args: unknown[]) => Reflect.apply(test, self, args.map(limited)),
  }),
});
