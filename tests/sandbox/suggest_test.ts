import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { validateTaskInput } from "../../lib/tasks/fields/validate.ts";
import { type Room, withRoom } from "./support.ts";

const post = (room: Room, path: string, body: unknown) =>
  room.ask(path, { method: "POST", body: JSON.stringify(body) });

const INTENTS: readonly (readonly [intent: string, fields: readonly string[]])[] = [
  ["Find the CEO, headcount and founding year", ["ceo", "headcount", "founding_year"]],
  ["Who is the chief executive?", ["chief_executive"]],
  ["For Halden Robotics find the founding year", ["founding_year"]],
  ["CEO; ceo\nCEO", ["ceo"]],
  ["???", ["answer"]],
  ["2025 revenue", ["2025_revenue"]],
  [Array.from({ length: 30 }, (_, n) => `thing ${n}`).join(", "), [
    ...Array.from({ length: 12 }, (_, n) => `thing_${n}`),
  ]],
];
for (const [intent, fields] of INTENTS) {
  Deno.test(`a schema suggested for "${intent.slice(0, 40)}" passes the API's rules`, () =>
    withRoom(async (room) => {
      const response = await post(room, "/v1beta/tasks/suggest", { user_intent: intent });
      assertStrictEquals(response.status, 200);
      const { output_schema, title } = await response.json();
      assertEquals(Object.keys(output_schema.properties), fields);
      assertStrictEquals(typeof title, "string");
      const task_spec = { output_schema: { type: "json", json_schema: output_schema } };
      assert(validateTaskInput({ input: "x", processor: "pro", task_spec }).ok);
      const chosen = await post(room, "/v1beta/tasks/suggest-processor", { task_spec });
      const { recommended_processors: names } = await chosen.json();
      assert(names.length > 0 && !names.includes("lite"));
    }));
}

Deno.test("existing columns stay the input, and an empty intent gives 422", () =>
  withRoom(async (room) => {
    const input_schema = { type: "object", properties: { company: { type: "string" } } };
    const body = { user_intent: "CEO", previous_task: { input_schema } };
    const suggested = await (await post(room, "/v1beta/tasks/suggest", body)).json();
    assertEquals(suggested.input_schema, input_schema);
    for (const user_intent of ["", "  ", 1, undefined]) {
      const response = await post(room, "/v1beta/tasks/suggest", { user_intent });
      assertStrictEquals(response.status, 422);
      await response.body?.cancel();
    }
    assertStrictEquals((await room.ask("/v1beta/tasks/suggest")).status, 405);
  }));
