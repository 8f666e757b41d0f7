/** The list shows what the filter asks for. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { EVERYTHING, type FilterSpec, makeFilter } from "../../routes/inspect/(_parts)/filter.ts";
import { blocksOf } from "./tools.ts";

const BLOCKS = blocksOf(
  ": Heartbeat\n\n",
  "id: run-7\nevent: plan\ndata: Count the cars\n\n",
  "event: search\ndata: a.b\nfoo: x\n\n",
  "event: plan\n\n",
  "data: axb",
);

const CASES: readonly (readonly [string, Partial<FilterSpec>, readonly number[]])[] = [
  ["nothing asked lists everything", {}, [0, 1, 2, 3, 4]],
  ["text is found in data, whatever its case", { text: "COUNT" }, [1]],
  ["text is found in the type of events only", { text: "plan" }, [1]],
  ["text is found in comments", { text: "heartb" }, [0]],
  ["text is found in the id in force", { text: "run-7" }, [1, 2, 3, 4]],
  ["text is found in the name of a broken rule", { text: "unknown field" }, [2]],
  ["signs of patterns are plain in plain text", { text: "a.b" }, [2]],
  ["a pattern between slashes is one", { text: "/a.b/" }, [2, 4]],
  ["a type lists its events only", { type: "plan" }, [1]],
  ["problems only", { faulty: true }, [2, 3, 4]],
  ["no heartbeats", { noComments: true }, [1, 2, 3, 4]],
  ["conditions add up", { faulty: true, text: "a", type: "search" }, [2]],
];

for (const [title, spec, expected] of CASES) {
  Deno.test(title, () => {
    const filter = makeFilter({ ...EVERYTHING, ...spec });
    assert(filter.ok);
    assertEquals(BLOCKS.filter(filter.test).map(({ index }) => index), expected);
  });
}

Deno.test("an invalid pattern is reported", () => {
  const filter = makeFilter({ ...EVERYTHING, text: "/(/" });
  assertStrictEquals(filter.ok, false);
  assertMatch(filter.ok ? "" : filter.problem, /not a regular expression/);
});
