/** Groups with the largest allowed number of rows. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { longestStretch } from "../cpu_time.ts";
import { GroupRoom, inputsOf, runsIn } from "./groups_support.ts";
import { withRoom } from "./support.ts";

const SCHEMA = {
  type: "object",
  properties: { ceo: { type: "string" }, year: { type: "integer" } },
  required: ["ceo", "year"],
  additionalProperties: false,
};
const SPEC = { output_schema: { type: "json", json_schema: SCHEMA } };

for (const [count, chunk] of [[200, 100], [10_000, 1_000]] as const) {
  Deno.test(`${count} rows are added, watched and read without delaying anything else`, () =>
    withRoom(async (room) => {
      const groups = new GroupRoom(room);
      const longest = await longestStretch(async () => {
        const id = await groups.create();
        for (let from = 0; from < count; from += chunk) {
          const inputs = inputsOf(chunk).map((each, index) => ({
            ...each,
            input: { company: `Acme ${from + index}` },
          }));
          await groups.add(id, { inputs, default_task_spec: SPEC }, "?refresh_status=false");
        }
        const events = await groups.read(id, "events");
        assertStrictEquals(new Set(runsIn(events).map(([run]) => run)).size, count);
        // Each result takes a millisecond to make: a quarter of the larger group's will do.
        const all = await groups.read(id, "runs");
        assertStrictEquals(all.length, count);
        const from = all[count - Math.min(count, 2_500)]?.event_id;
        const runs = await groups.read(id, `runs?include_output=true&last_event_id=${from}`);
        assertEquals(runs.filter(({ output }) => output === null), []);
      });
      assert(longest < 1_000, `the event loop was held for ${longest} ms`);
    }));
}
