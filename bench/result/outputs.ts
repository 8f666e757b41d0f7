/** Results of every size and script that the page has to bear. The same in every process. */
import type { FieldBasis, TaskRunOutput } from "../../lib/parallel/mod.ts";

/** A result and the schema that was asked for, if any. */
export interface Sample {
  readonly name: string;
  readonly output: TaskRunOutput;
  readonly schema?: Record<string, unknown>;
}

const LATIN =
  "Growth of the market since the survey is put down chiefly to demand from households. ";
const SCRIPTS = [
  "منذ المسح الأخير يُعزى نمو السوق أساسًا إلى طلب الأسر، والأرقام حديثة. ",
  "市场自上次调查以来的增长主要归因于家庭需求，数据是最新的。",
  "הצמיחה בשוק מאז הסקר מיוחסת בעיקר לביקוש של משקי הבית. ",
  "調査以降の市場の成長は、主に家庭の需要によるものとされている。",
];

/** The n-th page that is cited. */
function citation(n: number) {
  return {
    url: `https://site-${n}.example/reports/${n * 7}`,
    title: `Report ${n} on households and demand`,
    excerpts: [LATIN.repeat(3), LATIN],
  };
}

/** BasisIndex of a field in `citations` pages, from the n-th on. */
function basis(field: string, n: number, citations: number): FieldBasis {
  return {
    field,
    reasoning: LATIN.repeat(2),
    confidence: ["high", "medium", "low"][n % 3],
    citations: Array.from({ length: citations }, (_, at) => citation(n + at)),
  };
}

/** An object of this many fields, each with its basis. */
function fields(count: number): Sample {
  const names = Array.from({ length: count }, (_, at) => `field_${at}`);
  return {
    name: `${count} fields, 3 citations each`,
    output: {
      type: "json",
      content: Object.fromEntries(
        names.map((name, at) => [name, at % 4 ? `Value ${at}` : LATIN.repeat(3)]),
      ),
      basis: names.map((name, at) => basis(name, at, 3)),
    },
    schema: {
      type: "object",
      properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
      required: names,
      additionalProperties: false,
    },
  };
}

/** A table of this many bytes as JSON. */
function rows(bytes: number): Sample {
  const row = (id: number) => ({
    id,
    name: `Company ${id}`,
    city: "Lyon",
    note: LATIN,
    tags: ["a", "b"],
  });
  const count = Math.ceil(bytes / JSON.stringify(row(1000)).length);
  const item = {
    type: "object",
    properties: { id: { type: "integer" }, name: { type: "string" }, city: { type: "string" } },
    required: ["id", "name", "city"],
  };
  return {
    name: `table of ${size(bytes)}`,
    output: {
      type: "json",
      content: { companies: Array.from({ length: count }, (_, at) => row(at)) },
      basis: Array.from(
        { length: Math.min(count, 500) },
        (_, at) => basis(`companies.${at}`, at, 2),
      ),
    },
    schema: { type: "object", properties: { companies: { type: "array", items: item } } },
  };
}

/** A report in Markdown of this many bytes. */
function text(bytes: number, scripts: readonly string[], name: string): Sample {
  const parts: string[] = [];
  for (let length = 0, n = 1; length < bytes; n++) {
    const words = scripts[n % scripts.length] ?? LATIN;
    const part = `## ${n} ${words.slice(0, 30)}\n\n${words.repeat(6)}[${
      n % 40
    }]\n\n- **a** ${words}\n- b [${n % 9}]\n\n`;
    parts.push(part);
    length += new TextEncoder().encode(part).length;
  }
  return {
    name,
    output: { type: "text", content: parts.join(""), basis: [basis("output", 1, 40)] },
  };
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${bytes / 1e3} KB` : `${bytes / 1e6} MB`;
}

/** Every sample. */
export function samples(): Sample[] {
  return [
    fields(2),
    fields(50),
    fields(500),
    rows(1e5),
    rows(5e6),
    text(1e3, [LATIN], "text of 1 KB"),
    text(3e5, [LATIN], "text of 300 KB"),
    text(5e6, [LATIN], "text of 5 MB"),
    text(3e5, SCRIPTS, "text of 300 KB, Arabic, Hebrew, Chinese, Japanese"),
    {
      name: "1,000 citations in one field",
      output: { type: "json", content: { answer: LATIN }, basis: [basis("answer", 1, 1000)] },
    },
    {
      name: "1,000 citations in 100 fields",
      output: {
        type: "json",
        content: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`f${at}`, LATIN])),
        basis: Array.from({ length: 100 }, (_, at) => basis(`f${at}`, at * 10, 10)),
      },
    },
  ];
}
