import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type FoldInput, ReplayFold } from "../../../lib/runs/log/fold.ts";

function message(text: string, timestamp = "2026-01-01T00:00:00Z", type = "plan"): FoldInput {
  const full = `task_run.progress_msg.${type}`;
  const payload = { type: full, message: text, timestamp };
  return { type: full, data: JSON.stringify(payload), payload };
}

function state(
  status: string,
  modified = "2026-01-01T00:00:00Z",
  error: unknown = null,
): FoldInput {
  const payload = { type: "task_run.state", run: { status, modified_at: modified, error } };
  return { type: "task_run.state", data: JSON.stringify(payload), payload };
}

function stats(read: number): FoldInput {
  const payload = { type: "task_run.progress_stats", source_stats: { num_sources_read: read } };
  return { type: "task_run.progress_stats", data: JSON.stringify(payload), payload };
}

function error(reference: string): FoldInput {
  const payload = { type: "error", error: { ref_id: reference, message: "hiccup" } };
  return { type: "error", data: JSON.stringify(payload), payload };
}

/** The recorded events of several connections. */
function recordAll(connections: readonly (readonly FoldInput[])[]): string[] {
  const fold = new ReplayFold();
  const log: string[] = [];
  for (const connection of connections) {
    fold.connected();
    for (const event of connection) if (fold.isNew(event)) log.push(event.data);
  }
  return log;
}

const [a, b, c, d] = ["a", "b", "c", "d"].map((text) => message(text)) as [
  FoldInput,
  FoldInput,
  FoldInput,
  FoldInput,
];
const texts = (events: readonly FoldInput[]) => events.map((event) => event.data);

const CASES: readonly {
  name: string;
  connections: FoldInput[][];
  recorded: FoldInput[];
}[] = [
  { name: "a first connection is all new", connections: [[a, b, c]], recorded: [a, b, c] },
  { name: "a whole replay is folded away", connections: [[a, b], [a, b, c]], recorded: [a, b, c] },
  {
    name: "a replay that stops early loses nothing",
    connections: [[a, b, c], [a], [a, b, c, d]],
    recorded: [a, b, c, d],
  },
  { name: "two equal messages are two events", connections: [[a, a]], recorded: [a, a] },
  {
    name: "equal messages are replayed as often as they came",
    connections: [[a, a], [a, a]],
    recorded: [a, a],
  },
  {
    name: "one more equal message after its replay is new",
    connections: [[a, a], [a, a, a]],
    recorded: [a, a, a],
  },
  {
    name: "equal messages apart keep their places",
    connections: [[a, b, a], [a, b, a, c]],
    recorded: [a, b, a, c],
  },
  {
    name: "a replay that begins late is aligned",
    connections: [[a, b, c], [b, c, d]],
    recorded: [a, b, c, d],
  },
  {
    name: "a late replay is aligned on the longest match",
    connections: [[a, b, a, c], [a, c, d]],
    recorded: [a, b, a, c, d],
  },
  {
    name: "no replay at all: everything is new",
    connections: [[a, b], [c, d]],
    recorded: [a, b, c, d],
  },
  {
    name: "a replay that omits one message continues after it",
    connections: [[a, b, c], [a, c, d]],
    recorded: [a, b, c, d],
  },
  {
    name: "after the first new message a repeat is new",
    connections: [[a, b], [a, b, c, a]],
    recorded: [a, b, c, a],
  },
  {
    name: "the state that opens each connection is recorded once",
    connections: [[state("running"), a], [state("running", "2026-02-02T00:00:00Z"), a, b]],
    recorded: [state("running"), a, b],
  },
  {
    name: "a state with another error is another state",
    connections: [[state("running")], [state("running", "x", { message: "m" })]],
    recorded: [state("running"), state("running", "x", { message: "m" })],
  },
  {
    name: "stats equal to the last ones are dropped",
    connections: [[stats(1), stats(2), stats(2)], [stats(2), stats(3)]],
    recorded: [stats(1), stats(2), stats(3)],
  },
  {
    name: "states and stats between messages do not disturb the alignment",
    connections: [[state("running"), a, stats(1), b], [state("running"), a, b, stats(1), c]],
    recorded: [state("running"), a, stats(1), b, c],
  },
  {
    name: "malformed payloads are compared by their bytes",
    connections: [
      [{ type: "message", data: "{oops", payload: null }, a],
      [{ type: "message", data: "{oops", payload: null }, a, b],
    ],
    recorded: [{ type: "message", data: "{oops", payload: null }, a, b],
  },
  {
    name: "an error that opens a connection does not make its replay new",
    connections: [[a, b], [error("1"), a, b, c]],
    recorded: [a, b, error("1"), c],
  },
  {
    name: "an error amid a replay does not make the rest of it new",
    connections: [[a, b], [a, error("1"), b, c], [a, b, c, d]],
    recorded: [a, b, error("1"), c, d],
  },
  {
    name: "an error that is met again before the replay is none of the replay's places",
    connections: [[a, error("1"), b], [error("1"), a, b, c], [error("1"), a, b, c, d]],
    recorded: [a, error("1"), b, c, d],
  },
  {
    name: "an error met again amid a replay, elsewhere than it was, moves nothing",
    connections: [[a, b, error("1"), c], [a, error("1"), b, c, d]],
    recorded: [a, b, error("1"), c, d],
  },
  {
    name: "two equal errors of one connection are two, and two when they are replayed",
    connections: [[a, error("1"), error("1"), b], [a, error("1"), error("1"), b, c]],
    recorded: [a, error("1"), error("1"), b, c],
  },
  {
    name: "an error that is replayed is folded away like any message",
    connections: [[a, error("1"), b], [a, error("1"), b, c]],
    recorded: [a, error("1"), b, c],
  },
  {
    name: "messages of another type with the same text are other messages",
    connections: [[a], [message("a", undefined, "search")]],
    recorded: [a, message("a", undefined, "search")],
  },
];

for (const { name, connections, recorded } of CASES) {
  Deno.test(`fold: ${name}`, () => {
    assertEquals(recordAll(connections), texts(recorded));
  });
}

Deno.test("fold: extra fields in a replayed message do not make it new", () => {
  const again = { ...a, data: a.data.replace("}", ',"extra":1}') };
  assertEquals(
    recordAll([[a], [{ ...again, payload: JSON.parse(again.data) }, b]]),
    texts([a, b]),
  );
});

Deno.test("fold: any trace with any interruptions is recorded exactly, equal messages included", () => {
  const trace = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 });
  const cuts = fc.array(fc.nat(30), { maxLength: 8 });
  fc.assert(fc.property(trace, cuts, (words, lengths) => {
    // Each connection replays from the first message and is cut somewhere; the last one is not.
    const events = words.map((word) => message(word));
    let reached = 0;
    const connections = [...lengths, words.length].map((length) => {
      reached = Math.max(reached, Math.min(length, words.length));
      return events.slice(0, length);
    });
    assertEquals(recordAll(connections), texts(events));
  }));
});

Deno.test("fold: errors anywhere, never replayed, do not affect the messages", () => {
  const trace = fc.array(fc.nat(9), { maxLength: 30 });
  const cuts = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 8 });
  fc.assert(fc.property(trace, cuts, (words, breaks) => {
    const events = words.map((word, at) => message(String(word), `t${at}`));
    let errors = 0;
    const connections = [...breaks, [events.length, 0] as const].map(([length, at]) =>
      events.slice(0, length).toSpliced(at, 0, error(String(errors++)))
    );
    const recorded = recordAll(connections);
    assertEquals(recorded.filter((data) => !data.includes("hiccup")), texts(events));
    assertStrictEquals(recorded.length, events.length + errors);
  }));
});

Deno.test("fold: a restarted recorder that has the log folds the next replay", () => {
  const fold = new ReplayFold();
  for (const event of [state("running"), a, stats(1), b]) fold.recorded(event);
  fold.connected();
  const fresh = [state("running"), a, b, stats(1), c].filter((event) => fold.isNew(event));
  assertEquals(texts(fresh), texts([c]));
});

Deno.test("an error recorded before a restart is recognized when it recurs", () => {
  const fold = new ReplayFold();
  fold.recorded(error("r"));
  fold.connected();
  assertStrictEquals(fold.isNew(error("r")), false);
  assertStrictEquals(fold.isNew(error("r")), true, "the second on one connection is another");
});

Deno.test("an event after a possibly complete replay is new, even if an older message is equal", () => {
  const fold = new ReplayFold();
  for (const event of [a, c, b, a]) fold.recorded(event);
  fold.connected();
  assertEquals([a, b].map((event) => fold.isNew(event)), [false, true]);
});
