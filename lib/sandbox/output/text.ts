/** Writes a simulated markdown report: the answer, findings with references, a table, limits, references. */
import { beginning } from "../../base/mod.ts";
import type { Random } from "../random.ts";
import { capital, type Source } from "../script/sources.ts";
import type { Topic } from "../script/topic.ts";
import { filler } from "../script/write.ts";

/** The inputs of a report. */
export interface ReportBrief {
  readonly topic: Topic;
  readonly sources: readonly Source[];
  readonly random: Random;
  readonly year: number;
  /** The request's description of the text. */
  readonly description: string | null;
  /** Longer, with more findings. */
  readonly deep: boolean;
}

const ANSWERS = [
  "The evidence points in one direction: {k} comes first, ahead of {o}, and has done so since about {py}.",
  "In short: most of the evidence concerns {k}; {o} explains much of the difference, and the figures are recent.",
  "The sources agree on the main point, {k}, and differ on how much {o} has to do with it.",
];

const FINDINGS = [
  "**{k}**: named first in every source that gives figures, by a margin of {n} to one over {o}.",
  "Growth since {py} is put down chiefly to {o}.",
  "Of the cases that concern {k}, about {n} in ten are documented well enough to be counted.",
  "Reports on {k} are complete where they are mandatory; elsewhere they are estimates.",
  "Attention shifted from {k} to {o} after {py}.",
  "Independent counts for {k} differ by less than {n} percent.",
  "The cost of {o} is named as the main obstacle in {n} of the pages read.",
];

const LIMITS = [
  "The definition of {k} is not the same everywhere.",
  "Figures for {k} from before {py} were left out, because they were collected in another way.",
  "What is said about {o} rests on fewer sources than the rest.",
];

/** Writes a report. */
export function reportText(brief: ReportBrief): string {
  const { topic, sources, random, year, description, deep } = brief;
  const fill = filler(topic, random.fork("fill"), year);
  const cited = sources.slice(0, deep ? 8 : 4);
  const mark = () => `[${random.int(1, Math.max(1, cited.length))}]`;
  const lines = [
    `> ${LABEL_SENTENCE}`,
    "",
    `# ${capital(topic.phrase)}`,
    "",
    `${fill(random.pick(ANSWERS))} ${mark()}`,
    "",
    ...(description === null
      ? []
      : [`The text was asked for as follows: ${oneLine(description)}`, ""]),
    "## Findings",
    "",
    ...random.sample(FINDINGS, deep ? 6 : 3).map((text) => `- ${fill(text)} ${mark()}`),
    "",
    "## Figures",
    "",
    ...table(brief, mark),
    "",
    ...(deep ? ["## What explains it", "", paragraph(fill, mark), ""] : []),
    "## What is uncertain",
    "",
    ...random.sample(LIMITS, 2).map((text) => `- ${fill(text)}`),
    "",
    "## References",
    "",
    ...cited.map(({ title, url }, index) => `${index + 1}. [${title}](${url})`),
  ];
  return lines.join("\n");
}

function paragraph(fill: (text: string) => string, mark: () => string): string {
  return [
    "Three things come together here.",
    `${fill("The first is {k}, more important every year since {py}.")} ${mark()}`,
    `${fill("The second is {k}, where cost decides.")} ${mark()}`,
    fill("The third is time: what was decided about {k} in {py} is still in force."),
  ].join(" ");
}

function table({ topic, random, year }: ReportBrief, mark: () => string): string[] {
  const rows = topic.words.slice(0, 5);
  let share = random.int(28, 44);
  return [
    `| Aspect | Share in ${year - 1} | Change since ${year - 5} | Source |`,
    "|---|---:|---:|---|",
    ...rows.map((row) => {
      const line = `| ${capital(row.replaceAll("|", "/"))} | ${share} % | ` +
        `${random.chance(0.7) ? "+" : "−"}${random.int(1, 19)} % | ${mark()} |`;
      share = Math.max(2, Math.round(share * 0.62));
      return line;
    }),
  ];
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 300 ? line : `${beginning(line, 300)}…`;
}

// The words that mark all sandbox output.
/** The first line of every text, and the start of every reasoning. */
export const LABEL = "Simulated by the Taskstream sandbox";

/** The same as a full sentence. */
export const LABEL_SENTENCE = `${LABEL}: nothing was looked up, and the sources do not exist.`;
