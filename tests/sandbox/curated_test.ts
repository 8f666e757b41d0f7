import { Validator } from "@cfworker/json-schema";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { EXAMPLES, type ExampleTask } from "../../lib/tasks/fields/examples.ts";
import { formValuesFrom, parseTaskForm } from "../../lib/tasks/fields/mod.ts";
import { CURATED, curatedFor } from "../../lib/sandbox/curated/find.ts";
import { messagesOf, withRoom } from "./support.ts";

const curatedOf = (task: ExampleTask) => {
  const run = curatedFor(task.input);
  assert(run, `${task.id} has no result written by hand`);
  return run;
};

for (const task of EXAMPLES) {
  Deno.test(`the example ${task.id} has a result in the requested format`, () => {
    const { output, script } = curatedOf(task);
    const schema = task.input.task_spec?.output_schema;
    assert(typeof schema === "object");
    if (output.type === "json") {
      const json = "json_schema" in schema ? schema.json_schema : output.output_schema;
      assert(json);
      // The validator adds members to what it is given.
      const { valid, errors } = new Validator(structuredClone(json)).validate(output.content);
      assert(valid, JSON.stringify(errors));
      for (const [name, value] of Object.entries(output.content)) {
        const fields = Array.isArray(value)
          ? [name, ...value.map((_, i) => `${name}.${i}`)]
          : [name];
        for (const field of fields) {
          assert(output.basis.some((entry) => entry.field === field), field);
        }
      }
    } else {
      assertStrictEquals(schema.type, "text");
      assertMatch(output.content, /^> Simulated by the Taskstream sandbox/);
    }
    assertMatch(JSON.stringify(output.content), /[Ss]imulated/);
    const read = new Set(script.sources.map(({ url }) => url));
    for (const { citations = [], reasoning } of output.basis) {
      assertMatch(reasoning, /^Simulated by/);
      for (const { url, title } of citations) {
        assert(read.has(url), `${url} is cited but never read`);
        assert(new URL(url).hostname.endsWith(".example"), url);
        assertMatch(title ?? "", /^Simulated: /);
      }
    }
  });

  Deno.test(`the example ${task.id} is recognized when sent through the form`, () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(formValuesFrom(task.input))) form.set(name, value);
    const parsed = parseTaskForm(form);
    assert(parsed.ok);
    assertStrictEquals(curatedFor(parsed.input), curatedOf(task));
  });
}

Deno.test("every curated result belongs to an example", () => {
  assertEquals(Object.keys(CURATED).sort(), EXAMPLES.map(({ id }) => id).sort());
});

Deno.test("another question or output format gets its own result", () => {
  const [, , text] = EXAMPLES;
  assertStrictEquals(curatedFor({ ...text!.input, input: "Something else" }), null);
  assertStrictEquals(
    curatedFor({ ...text!.input, task_spec: { output_schema: { type: "auto" } } }),
    null,
  );
  const research = EXAMPLES.find(({ id }) => id === "heat-pumps")!;
  assertStrictEquals(curatedFor({ ...research.input, processor: "lite" }), null);
});

Deno.test("an example runs as it is written", () =>
  withRoom(async (room) => {
    const task = EXAMPLES.find(({ id }) => id === "data-centres")!;
    const runId = await room.create({ ...task.input });
    const messages = messagesOf(await room.events(runId)).map(({ message }) => message);
    for (const step of curatedOf(task).script.steps) {
      if (step.kind === "message") assert(messages.includes(step.text), step.text);
      if (step.kind === "read") assert(messages.includes(`Extract: ${step.source.url}`));
    }
    const { output } = await room.get<{ output: unknown }>(`${runId}/result`);
    assertEquals(output, curatedOf(task).output);
  }));
