/** Puts a run that was written by hand into the form of any other run. */
import type { FieldBasis, TaskRunOutput } from "../../parallel/mod.ts";
import { LABEL } from "../output/text.ts";
import { say, type Script, type Step } from "../script/script.ts";
import { citationOf, type Source } from "../script/sources.ts";

/** A run written by hand: what it reports, and its result. */
export interface CuratedRun {
  readonly script: Script;
  readonly output: TaskRunOutput;
}

/** One round of search and reading. */
export interface Round {
  readonly objective: string;
  readonly queries: readonly string[];
  readonly reads: readonly Source[];
  readonly finding: string;
  readonly thought?: string;
}

/** A page that does not exist, on a host that cannot. */
export function source(address: string, title: string, ...excerpts: string[]): Source {
  return { url: `https://${address}`, title: `Simulated: ${title}`, excerpts };
}

/** The script of a run: plans, rounds, and the last checks. */
export function script(plans: readonly string[], rounds: readonly Round[]): Script {
  const steps: Step[] = [
    say("exec_status", "Starting research (simulated by the Taskstream sandbox)", 0.4),
    ...plans.map((plan) => say("plan", plan)),
    { kind: "stats", weight: 0.3 },
    ...rounds.flatMap(roundSteps),
    say("exec_status", "Checking the findings against their sources"),
    { kind: "stats", weight: 0.3 },
    say("exec_status", "Writing the output"),
  ];
  return { steps, sources: rounds.flatMap(({ reads }) => reads) };
}

function roundSteps({ objective, queries, reads, finding, thought }: Round): Step[] {
  return [
    say("search", `Objective: ${objective}`),
    ...queries.map((query) => say("search", `Query: ${query}`, 0.05)),
    ...reads.map((source): Step => ({ kind: "read", source, weight: 0.7 })),
    { kind: "stats", weight: 0.3 },
    say("result", finding, 1.2),
    ...(thought === undefined ? [] : [say("reasoning", thought)]),
    { kind: "stats", weight: 0.3 },
  ];
}

/** One entry of a basis. */
export function basis(
  field: string,
  confidence: "high" | "medium" | "low",
  reasoning: string,
  ...sources: readonly Source[]
): FieldBasis {
  return {
    field,
    citations: sources.map(citationOf),
    reasoning: `${LABEL}: ${reasoning}`,
    confidence,
  };
}

/** The list of references at the end of a text. */
export function references(sources: readonly Source[]): string {
  return sources.map(({ title, url }, index) => `${index + 1}. [${title}](${url})`).join("\n");
}
