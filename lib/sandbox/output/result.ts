/** The result of a run: text, or JSON matching its schema, with a simulated basis. */
import type { TaskRunInput, TaskRunOutput } from "../../parallel/mod.ts";
import type { Random } from "../random.ts";
import { isDeep } from "../script/pace.ts";
import { citationOf, type Source } from "../script/sources.ts";
import type { Topic } from "../script/topic.ts";
import { filler } from "../script/write.ts";
import { researchResult } from "./auto.ts";
import { basisEntry, basisOf } from "./basis.ts";
import { LABEL_SENTENCE, reportText } from "./text.ts";
import { valueFor } from "./schema_value.ts";

/** The inputs of a result. */
export interface ResultBrief {
  readonly input: TaskRunInput;
  readonly topic: Topic;
  readonly sources: readonly Source[];
  readonly random: Random;
  readonly year: number;
}

/** Returns the output of a completing run. */
export function resultOf(brief: ResultBrief): TaskRunOutput {
  const schema = brief.input.task_spec?.output_schema ?? { type: "auto" };
  if (typeof schema === "string") return text(brief, schema);
  if ("json_schema" in schema) return json(brief, schema.json_schema);
  if (schema.type === "auto") return auto(brief);
  return text(brief, "description" in schema ? schema.description ?? null : null);
}

function text(brief: ResultBrief, description: string | null): TaskRunOutput {
  const { input, topic, sources, random, year } = brief;
  const deep = isDeep(input.processor);
  const entry = basisEntry("output", sources, random.fork("basis"));
  return {
    type: "text",
    content: reportText({ topic, sources, random: random.fork("text"), year, description, deep }),
    // A text's citations cover every visited page, not only the quoted ones.
    basis: [{ ...entry, citations: sources.map(citationOf) }],
  };
}

function json(brief: ResultBrief, schema: Record<string, unknown>): TaskRunOutput {
  const { topic, sources, random, year } = brief;
  const content = valueFor({ schema, topic, random: random.fork("value"), year });
  return {
    type: "json",
    content,
    basis: basisOf(content, { sources, random: random.fork("basis") }),
  };
}

function auto(brief: ResultBrief): TaskRunOutput {
  const { input, topic, sources, random, year } = brief;
  if (isDeep(input.processor)) {
    const { content, schema } = researchResult(topic, random.fork("auto"), year);
    const basis = basisOf(content, { sources, random: random.fork("basis"), nested: true });
    return { type: "json", content, basis, output_schema: schema };
  }
  const fill = filler(topic, random.fork("auto"), year);
  const sentence = fill(
    "On “{p}”: the sources name {k} first, before {o}; the figures are from {y}.",
  );
  const content = { output: `${LABEL_SENTENCE} ${sentence}` };
  const basis = basisOf(content, { sources, random: random.fork("basis") });
  // The lower processors return one field, and report an empty schema for it.
  return { type: "json", content, basis, output_schema: {} };
}
