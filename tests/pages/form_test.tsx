import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import type { FormState } from "../../components/form/Field.tsx";
import { NewTask } from "../../components/form/NewTask.tsx";
import { EXAMPLES } from "../../lib/tasks/fields/examples.ts";
import type { ApiFailure } from "../../lib/parallel/errors.ts";
import {
  emptyForm,
  FORM_FIELDS,
  formRequest,
  formValuesFrom,
  parseTaskForm,
  readValues,
} from "../../lib/tasks/fields/mod.ts";
import { PROCESSORS } from "../../lib/parallel/processors.ts";
import { HOSTILE, htmlOf, START_MS, summary } from "./fixtures.ts";

const CLEAN: FormState = { values: emptyForm(), problems: {} };

function render(form: FormState = CLEAN, failure?: ApiFailure) {
  return htmlOf(
    <NewTask
      form={form}
      idempotencyKey="key-1"
      sandbox
      several={false}
      latest={[summary()]}
      now={START_MS}
      send={<button type="submit">Create task</button>}
      failure={failure ?? null}
      filled={null}
      rerunOf={null}
      finished={[{ id: "trun_1", title: "An earlier question" }]}
      receiver="https://tasks.example.org/webhooks/parallel"
      request={formRequest(form.values)}
      showCode={false}
      pasteProblem={null}
      link="/?input=x"
    />,
  );
}

/** The fields that a browser would send of a rendered form. */
function successfulControls(html: string): FormData {
  const data = new FormData();
  const attribute = (tag: string, name: string) =>
    new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll("&quot;", '"').replaceAll(
      "&amp;",
      "&",
    ) ?? "";
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const name = attribute(tag, "name");
    const chosen = !/type="(?:radio|checkbox)"/.test(tag) || /\schecked(?:=|\s|>|\/)/.test(tag);
    if (name !== "" && chosen) {
      data.append(name, attribute(tag, "value") || (tag.includes("checkbox") ? "on" : ""));
    }
  }
  for (const [, tag, text] of html.matchAll(/<textarea([^>]*)>\n?([^<]*)<\/textarea>/g)) {
    const decoded = (text ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll(
      "&quot;",
      '"',
    ).replaceAll("&amp;", "&");
    data.append(attribute(tag ?? "", "name"), decoded);
  }
  return data;
}

Deno.test("every field of the contract is a named control with a label", () => {
  const html = render();
  for (const name of [...FORM_FIELDS, "idempotency_key"]) {
    assertMatch(html, new RegExp(`<(?:input|textarea)[^>]*\\sname="${name}"`), name);
  }
  for (const [, id] of html.matchAll(/<(?:textarea|input)[^>]*\sid="(\w+)"/g)) {
    assert(html.includes(`for="${id}"`) || id === "enable_events", `${id} has a label`);
  }
});

Deno.test("no field cuts what is typed: Germany cut to two letters would be Georgia", () => {
  assertNotMatch(render(), /maxlength/i);
});

Deno.test("every processor is offered once, the fast ones by a tick box, with price and time beside it", () => {
  const html = render();
  for (const { name, latency, fast } of PROCESSORS) {
    const radios = html.match(new RegExp(`name="processor" value="${name}"`, "g"))?.length ?? 0;
    assertStrictEquals(radios, fast ? 0 : 1, name);
    assert(html.includes(latency));
    const chosen = render({ values: { ...CLEAN.values, processor: name }, problems: {} });
    const values = readValues(successfulControls(chosen));
    assertStrictEquals(values.processor, name);
  }
});

Deno.test("all processors are shown if the chosen one is not among the cards", () => {
  const isOpen = (processor: string) =>
    /<details class="all-processors" open/.test(
      render({ values: { ...CLEAN.values, processor }, problems: {} }),
    );
  assertEquals(["pro", "ultra-fast", "lite", "core2x-fast", "unknown"].map(isOpen), [
    false,
    false,
    true,
    true,
    true,
  ]);
});

for (const example of EXAMPLES) {
  Deno.test(`the example “${example.title}” passes through the form without JavaScript`, () => {
    const html = render({ values: formValuesFrom(example.input), problems: {} });
    const parsed = parseTaskForm(successfulControls(html));
    assert(parsed.ok, JSON.stringify(parsed));
    const { enable_events: _, ...input } = parsed.input;
    const { enable_events: __, ...wanted } = example.input;
    assertEquals({ ...input, task_spec: null }, { ...wanted, task_spec: null });
  });
}

Deno.test("an invalid field is marked, described by its only message, and linked from the top", () => {
  for (const name of FORM_FIELDS) {
    if (name === "enable_events") continue;
    const html = render({ values: CLEAN.values, problems: { [name]: `wrong ${name}` } });
    const control =
      new RegExp(`<(?:input|textarea|fieldset)[^>]*\\sid="${name}"[^>]*>`).exec(html)?.[0] ?? "";
    assertMatch(control, /aria-invalid="true"/, name);
    assert(
      /aria-describedby="([^"]*)"/.exec(control)?.[1]?.split(" ").includes(`${name}-error`),
      name,
    );
    assertMatch(html, new RegExp(`<p id="${name}-error"[^>]*>wrong ${name}</p>`));
    assertStrictEquals(html.split(`wrong ${name}<`).length - 1, 1, "a fault is told once");
    assertMatch(html, new RegExp(`href="#${name}"`));
  }
});

Deno.test("typed text is redisplayed completely, with leading line breaks and markup", () => {
  const values = { ...CLEAN.values, input: `\n\n${HOSTILE} & more`, metadata: "{" };
  const html = render({ values, problems: { metadata: "Not JSON" } });
  const typed = successfulControls(html);
  assertStrictEquals(typed.get("input"), values.input);
  assertStrictEquals(typed.get("metadata"), "{");
  assertStrictEquals(typed.get("idempotency_key"), "key-1");
  assertNotMatch(html, /<img|<script/);
});

Deno.test("a folded part opens if one of its fields has a value or an error", () => {
  const folds = (html: string) => html.match(/<details class="option" open/g)?.length ?? 0;
  assertStrictEquals(folds(render()), 0);
  assertStrictEquals(
    folds(render({ values: { ...CLEAN.values, location: "de" }, problems: {} })),
    1,
  );
  assertStrictEquals(folds(render({ values: CLEAN.values, problems: { metadata: "x" } })), 1);
});

Deno.test("a rejection shows the API's words, what to do, and its reference", () => {
  const html = render(CLEAN, {
    kind: "refused",
    status: 402,
    refId: "fcb2b4f3",
    message: "Insufficient credit",
    detail: null,
  });
  assertMatch(
    html,
    /role="alert"[\s\S]*402[\s\S]*Insufficient credit[\s\S]*Add credit[\s\S]*fcb2b4f3/,
  );
});

Deno.test("the title of an option is shown once, and names its field to screen readers", () => {
  const html = render();
  for (const [name, label] of [["metadata", "Metadata"], ["mcp_servers", "MCP servers"]]) {
    assert(html.includes(`<label for="${name}" class="sr-only">${label}</label>`), name);
  }
  assertMatch(html, /<label for="location"[^>]*(?<!class="sr-only")>Search from<\/label>/);
});
