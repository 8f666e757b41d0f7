import { LABEL_SENTENCE } from "../output/text.ts";
import { basis, type CuratedRun, references, script, source } from "./build.ts";

const act = source(
  "eur-lex.europa.eu.example/reg/2024/1689",
  "Regulation (EU) 2024/1689, article on entry into force",
  "It shall apply from 2 August 2026. Chapters I and II shall apply from 2 February 2025.",
);
const timeline = source(
  "europa.eu.example/ai-act/timeline",
  "timeline of application",
  "Rules for general-purpose models apply twelve months after entry into force.",
);
const models = source(
  "europa.eu.example/ai-act/general-purpose-models",
  "obligations of providers of general-purpose models",
  "Providers keep technical documentation and publish a summary of the training content.",
);
const risk = source(
  "eur-lex.europa.eu.example/reg/2024/1689/annexes",
  "annexes on high-risk systems",
  "Systems that are safety parts of regulated products follow one year later.",
);
const cited = [act, timeline, models, risk];

const CONTENT = `> ${LABEL_SENTENCE}

# Which duties of the AI Act apply when

The Act applies in steps: bans first, then the rules for general-purpose models, then most of the rest [1][2].

| From | What applies | To whom |
|---|---|---|
| 1 August 2024 | The Act is in force, without duties yet [1] | – |
| 2 February 2025 | Prohibited practices; AI literacy of staff [1] | Providers and deployers |
| 2 August 2025 | Documentation and a summary of training content for general-purpose models; penalties; authorities named [2][3] | Providers of models; member states |
| 2 August 2026 | General application: high-risk systems by use, transparency of chatbots and synthetic content [1] | Providers, deployers, importers, distributors |
| 2 August 2027 | High-risk systems that are safety parts of regulated products; models placed on the market before August 2025 [2][4] | Manufacturers, providers of older models |

## What is still open

- Harmonised standards for high-risk systems are late, and proposals to move their date are under discussion [2].
- Guidance on where a modified model becomes a new one is not final [3].

## References

${references(cited)}`;

/** The text from official sources. */
export const aiAct: CuratedRun = {
  script: script([
    "The dates stand in the final article of the regulation: read that before any summary.",
    "Then match each date with the chapters it names, and each chapter with those it binds.",
  ], [
    {
      objective: "find the article that sets the dates of application",
      queries: [
        "AI Act entry into force article dates of application",
        "Regulation 2024/1689 applies from",
      ],
      reads: [act, timeline],
      finding: "Five dates, from August 2024 to August 2027, are set in one article.",
    },
    {
      objective: "find who is bound by the rules for models and for high-risk systems",
      queries: [
        "general-purpose AI model provider obligations",
        "high-risk AI systems annex products date",
      ],
      reads: [models, risk],
      finding:
        "Duties for models fall on their providers; those for high-risk systems on the whole chain.",
    },
  ]),
  output: {
    type: "text",
    content: CONTENT,
    basis: [basis(
      "output",
      "high",
      "the dates are taken from the regulation itself; what is open, from the timeline and guidance.",
      ...cited,
    )],
  },
};
