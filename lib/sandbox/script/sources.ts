/**
 * Sources that do not exist. Every host ends in `.example`, which RFC 2606 sets aside for just this, and
 * every title begins with "Simulated", so such a citation is never mistaken for a real one, wherever it is
 * copied to.
 */
import type { Citation, TaskRunInput } from "../../parallel/mod.ts";
import type { Random } from "../random.ts";
import type { Topic } from "./topic.ts";

/** A page that the run pretends to read. */
export interface Source {
  readonly url: string;
  readonly title: string;
  readonly excerpts: readonly string[];
}

const OUTLETS = [
  "statistics-office",
  "open-registry",
  "public-records",
  "trade-gazette",
  "city-ledger",
  "research-archive",
  "policy-review",
  "annual-reports",
  "field-notes",
  "market-bulletin",
  "technical-digest",
  "university-press",
  "data-commons",
  "standards-desk",
  "news-wire",
];

const KINDS = [
  "annual report",
  "overview",
  "statistics",
  "survey",
  "briefing",
  "analysis",
  "background",
  "country notes",
  "methodology",
  "interview",
  "dataset",
  "working paper",
];

const EXCERPTS = [
  "According to the figures published here, the measure for {k} has changed by about {n} percent since {y}.",
  "Most of what is recorded under {k} is found in a handful of places; the rest is spread thinly.",
  "Observers of {k} name three causes for the development: cost, regulation and access to skills.",
  "The {y} edition counts {n} cases connected with {k}, more than in any year before.",
  "No single register covers {k}; the numbers combine filings, surveys and estimates.",
  "On {k}, the authors rate the evidence as sound but note that definitions differ by source.",
  "Compared with {y}, entries on {k} are more complete, chiefly because reporting became mandatory.",
];

const DAY_MS = 86_400_000;

/** Makes `count` sources on a topic, within the request's source policy, none dated after `now`. */
export function makeSources(
  topic: Topic,
  policy: TaskRunInput["source_policy"],
  { random, count, nowMs }: { random: Random; count: number; nowMs: number },
): Source[] {
  const sources = new Map<string, Source>();
  for (let attempt = 0; sources.size < count && attempt < count * 3; attempt++) {
    const source = makeSource(topic, policy, random, nowMs);
    sources.set(source.url, source);
  }
  return [...sources.values()];
}

function makeSource(
  topic: Topic,
  policy: TaskRunInput["source_policy"],
  random: Random,
  nowMs: number,
): Source {
  const keyword = random.pick(topic.words);
  const other = random.pick(topic.words);
  const kind = random.pick(KINDS);
  const published = publishedAt(policy?.after_date ?? null, random, nowMs);
  const slug = slugOf([keyword, keyword === other ? "" : other, kind].join(" "));
  const day = published.toISOString();
  return {
    url: `https://${hostOf(keyword, policy, random)}/${day.slice(0, 4)}/${day.slice(5, 7)}/${slug}`,
    title: `Simulated: ${capital(keyword)}, ${kind} ${day.slice(0, 4)}`,
    excerpts: random.sample(EXCERPTS, random.int(1, 2)).map((text) => fill(text, keyword, random)),
  };
}

/** A stand-in for an allowed domain, also below `.example`. */
function hostOf(keyword: string, policy: TaskRunInput["source_policy"], random: Random): string {
  const included = policy?.include_domains ?? [];
  if (included.length > 0) {
    const domain = random.pick(included).split("/", 1)[0]!.toLowerCase();
    return `${domain.replace(/^\./, "agency.")}.example`;
  }
  const outlet = random.pick(OUTLETS);
  const word = slugOf(keyword);
  return random.chance(0.4) && word !== "" ? `${word}-${outlet}.example` : `${outlet}.example`;
}

function publishedAt(afterDate: string | null, random: Random, nowMs: number): Date {
  const earliest = afterDate === null ? nowMs - 900 * DAY_MS : Date.parse(`${afterDate}T00:00:00Z`);
  const from = Math.min(earliest, nowMs);
  return new Date(from + random.next() * (nowMs - from));
}

function fill(text: string, keyword: string, random: Random): string {
  return text
    .replaceAll("{k}", keyword)
    .replaceAll("{n}", String(random.int(4, 96)))
    .replaceAll("{y}", String(random.int(2016, 2024)));
}

/** The source as a citation. */
export function citationOf({ url, title, excerpts }: Source): Citation {
  return { title, url, excerpts: [...excerpts] };
}

/** Reduces to ASCII letters, digits and dashes: valid in a host name or path. */
export function slugOf(text: string): string {
  return text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "")
    .slice(0, 48).replace(/-+$/, "");
}

/** Capitalizes the first letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
