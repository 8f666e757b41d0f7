import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { foldSteps, NO_STEP, placeEvent } from "../../../lib/runs/model/steps.ts";

/** One letter per event: o objective, q query, p page, s stats, t thought. */
const EVENTS: Readonly<Record<string, { readonly type: string; readonly message?: string }>> = {
  o: { type: "task_run.progress_msg.search", message: "Objective: x" },
  q: { type: "task_run.progress_msg.search", message: "Query: x" },
  p: { type: "task_run.progress_msg.extract", message: "Extract: https://a.example/" },
  s: { type: "task_run.progress_stats" },
  t: { type: "task_run.progress_msg.reasoning", message: "x" },
};

type Event = { readonly letter: string; readonly type: string; readonly message?: string };

const eventsOf = (letters: string): Event[] =>
  [...letters].map((letter) => ({ letter, ...EVENTS[letter]! }));

/** Steps as their kind's first letter with their events, for example `S:oqp R:t`. */
const shape = (letters: string) =>
  foldSteps(eventsOf(letters), ({ message }) => message).steps
    .map(({ kind, events }) =>
      `${kind.charAt(0).toUpperCase()}:${events.map(({ letter }) => letter).join("")}`
    ).join(" ");

const CASES: readonly (readonly [name: string, events: string, steps: string])[] = [
  ["nothing", "", ""],
  ["a search owns its queries and pages", "oqqppp", "S:oqqppp"],
  ["one search after the other", "oqppoqqp", "S:oqpp S:oqqp"],
  ["another event ends a search", "oqptp", "S:oqp R:t P:p"],
  ["figures are in the bar, and end nothing", "oqspsp", "S:oqspsp"],
  ["figures before anything else have a row", "sst", "R:ss R:t"],
  ["pages of two searches at once are named by their time", "oqoqppp", "S:oq S:oq P:ppp"],
  ["a search after such pages is clear again", "oqoqppoqp", "S:oq S:oq P:pp S:oqp"],
  ["pages without any search", "tppptp", "R:t P:ppp R:t P:p"],
  ["queries without an objective", "qqpt", "S:qqp R:t"],
  ["a query after the pages of its search", "oqpqp", "S:oqpqp"],
  ["a query after pages of no search", "tppqp", "R:t P:pp S:qp"],
  ["three searches at once", "ooopp", "S:o S:o S:o P:pp"],
];

for (const [name, events, steps] of CASES) {
  Deno.test(`steps: ${name}`, () => assertStrictEquals(shape(events), steps));
}

Deno.test("steps: a group has at most 100 events; more pages make another group", () => {
  assertStrictEquals(
    shape(`o${"p".repeat(250)}`).split(" ").map((step) => step.length - 2).join(),
    "100,100,51",
  );
});

Deno.test("steps: one event at a time, as in a browser, and all at once, as on the server, give the same", () => {
  const letters = fc.string({ unit: fc.constantFrom("o", "q", "p", "s", "t"), maxLength: 300 });
  fc.assert(fc.property(letters, fc.nat(300), (text, cut) => {
    const events = eventsOf(text);
    const before = foldSteps(events.slice(0, cut), ({ message }) => message);
    let open = before.open;
    const groups = before.steps.map(({ events }) => [...events]);
    for (const event of events.slice(cut)) {
      const [placement, next] = placeEvent(open, event.type, event.message);
      open = next;
      if (placement === "into" || placement === "silent") groups.at(-1)!.push(event);
      else groups.push([event]);
    }
    const whole = foldSteps(events, ({ message }) => message);
    assertEquals(groups, whole.steps.map(({ events }) => [...events]));
    assertEquals(open, whole.open);
    // Nothing is lost or moved, and a state of it survives JSON, as it travels to the browser.
    assertStrictEquals(groups.flat().map(({ letter }) => letter).join(""), text);
    assertEquals(JSON.parse(JSON.stringify(open)), open);
    assert(groups.every((group) => group.filter(({ letter }) => letter !== "s").length <= 100));
  }));
  assertEquals(foldSteps([], () => null).open, NO_STEP);
});
