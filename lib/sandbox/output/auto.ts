/** The API's automatic output schema on `pro` and above: a nested research result. */
import type { Random } from "../random.ts";
import type { Topic } from "../script/topic.ts";
import { filler } from "../script/write.ts";
import { LABEL_SENTENCE } from "./text.ts";

/** A JSON result and the schema chosen for it. */
export interface AutoResult {
  readonly content: Record<string, unknown>;
  readonly schema: Record<string, unknown>;
}

const text = (description: string) => ({ type: "string", description });
const list = (items: unknown, description: string) => ({ type: "array", items, description });
const object = (properties: Record<string, unknown>, description?: string) => ({
  type: "object",
  ...(description === undefined ? {} : { description }),
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const SCHEMA = object({
  executive_summary: text("The answer in a few sentences"),
  key_findings: list(
    object({
      finding: text("What was found"),
      significance: text("Why it matters"),
      strength: { type: "string", enum: ["strong", "moderate", "weak"] },
    }),
    "The main findings, the most important first",
  ),
  landscape: object({
    current_state: text("Where things stand"),
    main_actors: list(object({ name: text("Name"), role: text("What they do") }), "Who matters"),
    measured_share_percent: { type: "integer" },
  }, "Who and what there is"),
  timeline: list(
    object({ year: { type: "integer" }, event: text("What happened") }),
    "How it came about",
  ),
  uncertainties: list(text("An open question"), "What is not known"),
  outlook: object({ next_two_years: text("Expected"), depends_on: text("On what it depends") }),
});

/** Makes a nested research result. */
export function researchResult(topic: Topic, random: Random, year: number): AutoResult {
  const fill = filler(topic, random.fork("fill"), year);
  const actors = topic.words.slice(0, 4);
  const from = random.int(year - 12, year - 8);
  const content = {
    executive_summary: `${LABEL_SENTENCE} ${
      fill(
        "On “{p}”: {k} comes out as the deciding factor, ahead of {o}; the trend since {py} is steady.",
      )
    }`,
    key_findings: random.sample([
      "Most of what can be measured concerns {k}.",
      "The part of {o} has become more important every year since {py}.",
      "Where data on {k} are published, {n} in ten entries agree with each other.",
      "The price of {o} decides how fast things change for {k}.",
    ], random.int(3, 4)).map((finding) => ({
      finding: fill(finding),
      significance: fill(
        "It decides how the figures on {k} should be read, and what to expect of {o}.",
      ),
      strength: random.pick(["strong", "moderate", "weak"]),
    })),
    landscape: {
      current_state: fill("As of {y}, the evidence on {k} is good, and on {o} only in part."),
      main_actors: actors.map((name) => ({
        name,
        role: fill("Named in {n} of the pages in connection with {k}."),
      })),
      measured_share_percent: random.int(18, 74),
    },
    timeline: [0, 1, 2].map((step) => ({
      year: from + step * 3,
      event: fill("A new set of rules for {k} changes what is counted under {o}."),
    })),
    uncertainties: [
      fill("The definition of {k} differs from source to source."),
      fill("Figures on {o} after {py} are provisional."),
    ],
    outlook: {
      next_two_years: fill("Slow growth for {k}, with {o} catching up."),
      depends_on: fill("Whether the conditions for {o} stay as they are."),
    },
  };
  return { content, schema: SCHEMA };
}
