/** Exports can be imported unchanged: whole histories, and traces in the inspector. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { importCapture } from "../../routes/inspect/(_parts)/ndjson.ts";
import { readVerbatim } from "../../lib/base/json.ts";
import { jsonPieces, JsonText } from "../../lib/base/json_pieces.ts";
import { atOnce } from "../../lib/base/paced.ts";
import { resultJson } from "../../lib/exports/result_json.ts";
import { readingInputText, readOutputText } from "../../lib/parallel/read.ts";
import { isActiveStatus, type LogEvent } from "../../lib/runs/model/event.ts";
import { kindOf } from "../../lib/runs/model/kinds.ts";
import type { RunPage } from "../../lib/runs/model/model.ts";
import { parseSSE } from "../../lib/sse/mod.ts";
import { readLine } from "../../lib/transfer/format.ts";
import { runPage, state } from "../pages/fixtures.ts";
import { runLine, traceLines } from "./whole.ts";

const NUMBER = fc.constantFrom("0", "-0", "1.0", "12345678901234567890", "1e400", "1E+2", "-0.10");
const NAME = fc.oneof(
  fc.constantFrom("a", "constructor", "__proto__", "output", "run", "type", "events", "10", "9"),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);
const SPACE = fc.constantFrom("", "", " ", "\n", "\t", "\n  ");

/** Valid JSON with numbers and strings in any notation, and any white space. */
const JSON_TEXT = fc.letrec<{ any: string; object: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    NUMBER,
    fc.constantFrom("true", "false", "null", '"\\u00e9\\ud800"', '"\\/"', '"[1] = \\n"'),
    fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
    fc.tuple(SPACE, fc.array(tie("any"), { maxLength: 3 }), SPACE)
      .map(([before, items, after]) => `[${before}${items.join(`,${after}`)}]`),
    tie("object"),
  ),
  object: fc.tuple(
    SPACE,
    fc.uniqueArray(fc.tuple(NAME, tie("any")), { selector: ([name]) => name, maxLength: 4 }),
    SPACE,
  ).map(([before, members, after]) =>
    `{${before}${
      members.map(([name, value]) => `${JSON.stringify(name)}${after}:${before}${value}`).join(",")
    }${after}}`
  ),
}));

const OUTPUT_TEXT = fc.tuple(JSON_TEXT.object, fc.string({ unit: "grapheme" }), SPACE, fc.boolean())
  .map(
    ([content, text, space, isText]) =>
      isText
        ? `{"type":${space}"text","content":${JSON.stringify(text)},"basis":[]${space}}`
        : `{"type":${space}"json","content":${content},"basis":[${space}]}`,
  );

const EVENT = fc.tuple(
  fc.constantFrom("task_run.progress_msg.plan", "odd", "task_run.progress_stats"),
  fc.oneof(
    JSON_TEXT.any,
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('"text"', '{"type":"odd"}', '{\n"a":1}', "not json\n[", ""),
  ).filter((data) => !data.includes("\r")),
);

/** A run that has ended, as the store returns it. */
const PAGE = fc.tuple(fc.array(EVENT, { maxLength: 5 }), fc.option(OUTPUT_TEXT), JSON_TEXT.object)
  .map(
    ([told, output_text, input]): RunPage => {
      const events: LogEvent[] = told.map(([type, data], at) => ({
        id: at + 1,
        received_ms: 1_760_000_000_000 + at,
        type,
        data,
      }));
      const { type, data } = state(1, "completed");
      events.push({
        id: events.length + 1,
        received_ms: 1_760_000_000_000,
        type,
        data: data.replace(/}$/, ',"output":null}'),
      });
      const output = output_text === null ? null : readOutputText(output_text);
      const page = runPage(events, { output, ended: true });
      const asked = atOnce(readingInputText(`{"input":${input},"processor":"core"}`, "core"));
      return { ...page, output_text, run: { ...page.run, input: asked } };
    },
  );

Deno.test("export, import and export again give the same bytes", () => {
  fc.assert(fc.property(PAGE, (page) => {
    const line = runLine(page);
    assertStrictEquals(line.indexOf("\n"), line.length - 1, "one line");
    const read = readLine(line);
    assert(read.kind === "run", JSON.stringify(read));
    const { run, events, output_text, title, ended_ms } = read.run;
    assertStrictEquals(output_text, page.output_text, "the result's very text");
    assertEquals(events.map(({ data }) => data), page.events.map(({ data }) => data));
    const again: RunPage = {
      ...page,
      run: { ...run, source: page.run.source },
      title: title ?? "",
      events,
      output_text,
      output: output_text === null ? null : readOutputText(output_text),
      ended_ms,
    };
    assertStrictEquals(runLine(again), line);
  }));
});

Deno.test("a title comes back as it was, also with halves of characters", () => {
  const half = "\ud83d";
  const ended = runPage([state(1, "completed")], { ended: true });
  for (const title of ["half " + half, half, "\ude00 second half", "x".repeat(499) + half]) {
    const read = readLine(runLine({ ...ended, title }));
    assertStrictEquals(read.kind === "run" && read.run.title, title);
  }
  const cut = readLine(runLine({ ...ended, title: "x".repeat(499) + "😀" }));
  assertStrictEquals(cut.kind === "run" && cut.run.title, "x".repeat(499));
});

/** Names as the API may choose them, which no documentation bounds. */
const WORD = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 400 }),
  fc.constantFrom("needs-approval", "waiting for input", "x".repeat(41), "état", "__proto__", "1"),
);

Deno.test("statuses, event types and ids of any kind come back from an export", () => {
  fc.assert(fc.property(
    WORD.filter((word) => !isActiveStatus(word)),
    WORD.map((word) => word.replace(/[\r\n]/g, "").slice(0, 200) || "x").filter(isNotKnown),
    WORD.filter((word) => word.trim() !== ""),
    fc.option(WORD.filter((word) => word.trim() !== "")),
    WORD.map((word) => word.slice(0, 100)),
    (status, type, interaction_id, follows, processor) => {
      const events: LogEvent[] = [
        { id: 1, received_ms: null, type, data: "{}" },
        { ...state(2, "failed"), data: stateData(status) },
      ];
      const page = runPage(events, { ended: true });
      const run = { ...page.run, interaction_id, follows, processor, price_usd: null };
      const line = runLine({ ...page, run });
      const read = readLine(line);
      assert(read.kind === "run", JSON.stringify(read));
      assertEquals(read.run.run, { ...run, source: "import" });
      assertEquals(read.run.events, page.events);
      // The stored status comes from the events, and may be shorter than the API's.
      const view = runPage(read.run.events, { ended: true }).view;
      assertStrictEquals(view.status, page.view.status);
      assert(view.status.length <= 100 && status.startsWith(view.status));
    },
  ));
});

function isNotKnown(type: string): boolean {
  return kindOf(type) === "other";
}

function stateData(status: string): string {
  return JSON.stringify({ type: "task_run.state", run: { status, is_active: false } });
}

/** As deep and as large as results and requests are read. */
const LARGE: Readonly<Record<string, (content: string) => RunPage>> = {
  result: (content) => {
    const output_text = `{"type":"json","content":${content},"basis":[]}`;
    return { ...ENDED, output_text, output: readOutputText(output_text) };
  },
  request: (content) => {
    const input = atOnce(readingInputText(`{"input":${content},"processor":"core"}`, "core"));
    return { ...ENDED, run: { ...ENDED.run, input } };
  },
};
const ENDED = runPage([{ ...state(1, "completed"), received_ms: null }], { ended: true });
const CONTENTS: Readonly<Record<string, string>> = {
  "498 levels": `{"a":${"[".repeat(498)}${"]".repeat(498)}}`,
  "119,000 values": `{"a":[${"1.0,".repeat(118_990)}1]}`,
  "200,000 values": `{"a":[${"1,".repeat(200_000)}1]}`,
  "a number of 10,000 digits": `{"a":${"9".repeat(10_000)}}`,
};

for (const [of, pageOf] of Object.entries(LARGE)) {
  for (const [what, content] of Object.entries(CONTENTS)) {
    Deno.test(`a ${of} of ${what} comes back from an export`, () => {
      const page = pageOf(content);
      const read = readLine(runLine(page));
      assert(read.kind === "run", JSON.stringify(read).slice(0, 200));
      const { run, output_text } = read.run;
      const output = output_text === null ? null : readOutputText(output_text);
      const again = { ...page, run: { ...run, source: page.run.source }, output_text, output };
      assert(runLine(again) === runLine(page), "the same bytes");
    });
  }
}

Deno.test("a trace that the inspector replays has the log's IDs, types and exact payloads", async () => {
  await fc.assert(fc.asyncProperty(PAGE, async (page) => {
    const lines = [...traceLines(page)];
    for (const line of lines) {
      assertStrictEquals(line.indexOf("\n"), line.length - 1, "one line");
      (() => JSON.parse(line))();
    }
    const capture = importCapture(lines.join(""));
    assert(capture.ok, JSON.stringify(capture));
    const stream = capture.events.map(({ text }) => text).join("");
    const replayed = await Array.fromAsync(parseSSE(new Response(stream)));
    const told = page.events.map(({ id, type, data }) => ({ id: String(id), event: type, data }));
    const last = told.at(-1);
    if (last !== undefined && page.output_text) {
      last.data = last.data.replace(/null}$/, () => `${page.output_text}}`);
    }
    assertEquals(replayed.map(({ id, event, data }) => ({ id, event, data })), told);
  }));
});

Deno.test("the events of result.json come back with the log's IDs, types and values", async () => {
  await fc.assert(fc.asyncProperty(PAGE, async (page) => {
    const capture = importCapture([...jsonPieces(resultJson(page, null))].join(""));
    assert(capture.ok, JSON.stringify(capture));
    const stream = capture.events.map(({ text }) => text).join("");
    const replayed = await Array.fromAsync(parseSSE(new Response(stream)));
    const told = (
      id: string | number,
      event: string,
      data: string,
    ) => [String(id), event, valueOf(data)];
    assertEquals(
      replayed.map(({ id, event, data }) => told(id, event, data)),
      page.events.map(({ id, type, data }) => told(id, type, data)),
    );
  }));
});

Deno.test("result.json has the result and the payloads as the text that came, also indented", () => {
  const odd =
    '"10":1.0,"9":"\\u00e9\\/\\ud800\ud801","a":1e5,"a":1234567890123456789,"e":[],"o":{ },"l":[[1],{}]';
  const data = `{"type":"odd",${odd}}`;
  const text = `{"type":"json","content":{${odd}},"basis":[]}`;
  const output = readOutputText(text);
  const events = [{ id: 1, received_ms: 1, type: "odd", data }];
  const page = { ...runPage(events, { output, ended: true }), output_text: text };
  const written = (space?: number) => [...jsonPieces(resultJson(page, null), space)].join("");
  const kept = (json: string) => json.replace("\ud801", "\\ud801");
  const whole = written();
  for (const json of [data, text]) {
    assert(whole.includes(kept(json)), whole);
    assert(written(2).replaceAll(/\s/g, "").includes(kept(json).replace(" ", "")), written(2));
  }
  assertEquals(JSON.parse(written(2)), JSON.parse(whole));
});

Deno.test("a JSON text is indented as JSON.stringify does it", () => {
  fc.assert(fc.property(JSON_TEXT.any, (text) => {
    const plain = JSON.stringify(JSON.parse(text));
    const value = { a: [JSON.parse(plain)] };
    const pieces = jsonPieces({ a: [new JsonText(plain)] }, 2);
    assertStrictEquals([...pieces].join(""), JSON.stringify(value, null, 2));
  }));
});

/** The value of a payload, which JSON may spell in several ways; a text that is no JSON. */
function valueOf(data: string): unknown {
  try {
    return { json: JSON.stringify(readVerbatim(data)) };
  } catch {
    return data;
  }
}

Deno.test("a trace written by an older version is read correctly", () => {
  const capture = importCapture(
    '{"id":1,"received_ms":5,"type":"odd","event":"not json"}\n' +
      '{"id":2,"received_ms":7,"simulated":true,"event":{"type":"x.y","n":12345678901234567890}}\n',
  );
  assert(capture.ok);
  assertEquals(capture.events.map(({ text }) => text), [
    "id: 1\nevent: odd\ndata: not json\n\n",
    'id: 2\nevent: x.y\ndata: {"type":"x.y","n":12345678901234567890}\n\n',
  ]);
});
