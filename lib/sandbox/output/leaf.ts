/**
 * Strings and numbers that suit a field's name and description. Prose and invented names say that they are
 * simulated. URLs and dates have no room for that, so they use hosts that do not exist.
 */
import type { Random } from "../random.ts";
import { capital, slugOf } from "../script/sources.ts";
import type { Topic } from "../script/topic.ts";
import { filler } from "../script/write.ts";

/** One field to fill. */
export interface LeafBrief {
  readonly name: string;
  readonly description: string;
  readonly topic: Topic;
  readonly random: Random;
  readonly year: number;
  /** The index of its list element, from 0: names in a list differ. */
  readonly index: number;
}

const GIVEN = [
  "Ada",
  "Bruno",
  "Carla",
  "Dario",
  "Elif",
  "Farah",
  "Goran",
  "Hana",
  "Ivo",
  "Jasmin",
  "Kofi",
  "Lena",
];
const FAMILY = [
  "Almeida",
  "Bergström",
  "Castell",
  "Demir",
  "Eriksen",
  "Fontaine",
  "Gruber",
  "Horvat",
  "Ito",
  "Jansen",
];
const PLACES: readonly (readonly [city: string, country: string])[] = [
  ["Porto", "Portugal"],
  ["Utrecht", "Netherlands"],
  ["Graz", "Austria"],
  ["Bologna", "Italy"],
  ["Tampere", "Finland"],
  ["Leipzig", "Germany"],
  ["Gdańsk", "Poland"],
  ["Lyon", "France"],
];
const FIRMS = [
  "Northwater",
  "Altamar",
  "Bluefield",
  "Cobalt Works",
  "Delta Orchard",
  "Evergrove",
  "Fjordline",
];

const SENTENCES = [
  "the pages read name {k} as the main reason, with {o} second.",
  "since {py}, less has changed for {k} than for {o}, according to the sources.",
  "{n} of the pages read have something to say on {k}.",
  "what is known about {k} comes from registers and annual reports.",
];

type Maker = (brief: LeafBrief) => string;

const simulated = (text: string) => `${text} (simulated)`;

/** Chosen by the field's name: the first match wins. */
const MAKERS: readonly (readonly [RegExp, Maker])[] = [
  [
    /(?:url|link|website|homepage|web_?site|href)/,
    ({ name, topic, random }) =>
      `https://${slugOf(random.pick(topic.words)) || "topic"}.example/${slugOf(name)}`,
  ],
  [/e-?mail/, ({ random }) => `${random.pick(GIVEN).toLowerCase()}@sandbox.example`],
  [/(?:phone|telephone|fax)/, ({ random }) => `+1 555 01${random.int(10, 99)}`],
  [
    /(?:domain|host)$/,
    ({ topic, random }) => `${slugOf(random.pick(topic.words)) || "topic"}.example`,
  ],
  [/(?:^|_)(?:date|day|deadline|published|updated|since|until)(?:$|_)|_(?:at|on)$/, isoDate],
  [/(?:^|_)year(?:$|_)/, ({ random, year }) => String(random.int(year - 30, year - 1))],
  [/(?:currency)/, ({ random }) => random.pick(["EUR", "USD", "GBP"])],
  [
    /(?:price|cost|revenue|valuation|amount|budget|funding|salary|gdp|market_size)/,
    ({ random }) => simulated(`$${random.int(2, 940)}.${random.int(0, 9)} million`),
  ],
  [
    /(?:percent|share|rate|growth|cagr)/,
    ({ random }) => simulated(`${random.int(1, 64)}.${random.int(0, 9)} %`),
  ],
  [
    /(?:ceo|founder|author|person|people|executive|director|contact|owner|president|leader)/,
    ({ random }) => simulated(`${random.pick(GIVEN)} ${random.pick(FAMILY)}`),
  ],
  [
    /(?:city|headquarters|location|place|address|region)/,
    ({ random }) => simulated(random.pick(PLACES).join(", ")),
  ],
  [/country/, ({ random }) => simulated(random.pick(PLACES)[1])],
  [
    /(?:company|organi[sz]ation|firm|vendor|supplier|competitor|brand|maker|manufacturer|institution)/,
    ({ random }) => simulated(random.pick(FIRMS)),
  ],
  [
    /(?:^|_)(?:name|title|label|product|project|model|item|topic|category|kind|type)s?$/,
    ({ topic, index }) => nameFor(topic, index),
  ],
  [
    /(?:population|count|number|employees|size|quantity|total)/,
    ({ random }) => simulated(`about ${random.int(12, 980)},000`),
  ],
];

/** A text for a field. */
export function textFor(brief: LeafBrief): string {
  const name = brief.name.toLowerCase();
  const maker = MAKERS.find(([pattern]) => pattern.test(name))?.[1];
  if (maker !== undefined) return maker(brief);
  // A description may ask for a format that the name does not reveal.
  if (/yyyy-mm-dd|iso 8601/i.test(brief.description)) return isoDate(brief);
  const fill = filler(brief.topic, brief.random, brief.year);
  return `Simulated: ${fill(brief.random.pick(SENTENCES))}`;
}

/** Returns a word of the topic. Words repeat with a number after the last one. */
function nameFor({ words }: Topic, index: number): string {
  const round = Math.floor(index / words.length);
  const word = capital(words[index % words.length]!);
  return simulated(round === 0 ? word : `${word} ${round + 1}`);
}

function isoDate({ random, year }: LeafBrief): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${random.int(year - 12, year - 1)}-${two(random.int(1, 12))}-${two(random.int(1, 28))}`;
}

/** A whole number for a field. */
export function integerFor({ name, random, year }: LeafBrief): number {
  const field = name.toLowerCase();
  if (/year|founded/.test(field)) return random.int(year - 60, year - 1);
  if (/percent|share|score|confidence/.test(field)) return random.int(1, 100);
  if (/rank|position|rating|stars|level/.test(field)) return random.int(1, 5);
  if (/employee|staff|headcount/.test(field)) return random.int(12, 48_000);
  if (/population|user|customer|visitor/.test(field)) return random.int(20, 9_000) * 1_000;
  if (/revenue|price|cost|amount|budget|funding|valuation|usd|eur/.test(field)) {
    return random.int(2, 900) * 100_000;
  }
  return random.int(1, 240);
}

/** A number for a field. */
export function numberFor(brief: LeafBrief): number {
  const { name, random } = brief;
  const field = name.toLowerCase();
  if (/lat(?:itude)?$/.test(field)) return random.int(-6_000, 6_000) / 100;
  if (/lon(?:gitude)?$|lng$/.test(field)) return random.int(-17_000, 17_000) / 100;
  if (/percent|share|rate|growth|ratio|cagr/.test(field)) return random.int(1, 990) / 10;
  if (/year/.test(field)) return integerFor(brief);
  return integerFor(brief) + random.int(0, 9) / 10;
}
