/** Writes the script of a run for any task: plan, rounds of search and reading, findings, a result. */
import type { TaskRunInput } from "../../parallel/mod.ts";
import type { Random } from "../random.ts";
import { isDeep, type Pace } from "./pace.ts";
import { say, type Script, type Step } from "./script.ts";
import { capital, makeSources, type Source } from "./sources.ts";
import type { Topic } from "./topic.ts";

/** The inputs of a script. */
export interface ScriptBrief {
  readonly input: TaskRunInput;
  readonly topic: Topic;
  readonly pace: Pace;
  readonly random: Random;
  readonly createdMs: number;
}

const PLANS = [
  "I take “{p}” in three steps: which sources are authoritative, what they say, where they differ.",
  "The question has {n} parts; I begin with {k}, because the rest depends on it.",
  "I look for primary figures on {k} before I trust any summary of them.",
  "What is found on {k} will be compared with independent sources, and every gap noted.",
];

const OBJECTIVES = [
  "find authoritative sources on {k}",
  "establish the most recent figures for {k}",
  "check who publishes primary data on {k}",
  "find independent confirmation of what was read about {k}",
  "look for evidence that contradicts the findings on {k} so far",
  "fill the gaps that remain about {k} and {o}",
];

const QUERIES = [
  "{k} {o} {y}",
  "{k} statistics {y}",
  "{k} official report",
  "{k} compared with {o}",
  "{k} by country",
  "{k} trend since {py}",
];

const FINDINGS = [
  "Several sources agree on the order of magnitude for {k}; the exact figures differ by up to {n} percent.",
  "There is a register for {k}, but its last full edition is from {py}.",
  "Two of the pages on {k} go back to the same original, so they count as one.",
  "The usual definition of {k} changed in {py}: figures before and after cannot be compared directly.",
  "The strongest claim about {k} rests on a single source and is treated with care.",
  "Local sources on {k} are more recent than the international overviews.",
];

const THOUGHTS = [
  "If the figures on {k} hold, {o} would explain more of the difference than price alone.",
  "The sources weigh {k} against {o} differently; the more recent ones are preferred.",
  "What is still missing is a second source for {k}.",
  "The answer does not change if the weakest source on {k} is left out.",
];

/** Writes a run's script. The same brief always gives the same script. */
export function writeScript(brief: ScriptBrief): Script {
  const { input, pace, topic, createdMs } = brief;
  const random = brief.random.fork("script");
  const sources = makeSources(topic, input.source_policy, {
    random: random.fork("sources"),
    count: pace.read,
    nowMs: createdMs,
  });
  const deep = isDeep(input.processor);
  const lite = /^lite/.test(input.processor);
  const fill = filler(topic, random.fork("fill"), new Date(createdMs).getUTCFullYear());
  const steps: Step[] = [
    say("exec_status", "Starting research (simulated by the Taskstream sandbox)", 0.4),
  ];
  for (const plan of random.sample(PLANS, lite ? 1 : deep ? 3 : 2)) {
    steps.push(say("plan", capital(fill(plan))));
  }
  steps.push({ kind: "stats", weight: 0.3 });
  const unread = [...sources];
  // Use every item of a list before repeating any.
  const shuffled = (list: readonly string[]) => random.sample(list, list.length);
  const objectives = shuffled(OBJECTIVES),
    findings = shuffled(FINDINGS),
    thoughts = shuffled(THOUGHTS);
  for (let round = 0; round < pace.rounds; round++) {
    // The API reports no searches on its smallest processor.
    if (!lite) steps.push(...searches(nth(objectives, round), fill, random));
    const share = Math.ceil(unread.length / (pace.rounds - round));
    for (const source of unread.splice(0, share)) {
      steps.push({ kind: "read", source, weight: 0.7 });
    }
    steps.push({ kind: "stats", weight: 0.3 });
    steps.push(say("result", capital(fill(nth(findings, round))), 1.2));
    if (deep) {
      steps.push(
        say(round % 2 === 0 ? "reasoning" : "analysis", capital(fill(nth(thoughts, round)))),
      );
    }
    steps.push({ kind: "stats", weight: 0.3 });
  }
  steps.push(say("exec_status", "Checking the findings against their sources", 1));
  steps.push({ kind: "stats", weight: 0.3 });
  steps.push(say("exec_status", "Writing the output", 1));
  return { steps, sources };
}

/** The item at an index in an endlessly repeated list. */
function nth(items: readonly string[], index: number): string {
  return items[index % items.length] ?? "";
}

function* searches(objective: string, fill: Fill, random: Random): Generator<Step> {
  yield say("search", `Objective: ${fill(objective)}`);
  for (const query of random.sample(QUERIES, random.int(1, 3))) {
    // The queries of one objective go out together.
    yield say("search", `Query: ${fill(query)}`, 0.05);
  }
}

type Fill = (template: string) => string;

/** Puts the topic's words into a template. Keeps the template's first letter in upper or lower case. */
export function filler({ words, phrase }: Topic, random: Random, year: number): Fill {
  return (template) => {
    const word = random.pick(words);
    const others = words.filter((each) => each !== word);
    const other = others.length > 0 ? random.pick(others) : "everything else";
    return template
      .replaceAll("{k}", () => word)
      .replaceAll("{o}", () => other)
      .replaceAll("{p}", () => phrase)
      .replaceAll("{n}", () => String(random.int(2, 9)))
      .replaceAll("{py}", () => String(random.int(year - 8, year - 2)))
      .replaceAll("{y}", () => String(year));
  };
}

/** The pages that a result can cite, the first ones most often. */
export function citable(sources: readonly Source[], random: Random, count: number): Source[] {
  return random.sample(sources.slice(0, 12), count);
}
