import { LABEL_SENTENCE } from "../output/text.ts";
import { basis, type CuratedRun, references, script, source } from "./build.ts";

const registry = source(
  "facility-registry.example/metros/2026",
  "registry of facilities by metropolitan area, 2026",
  "Northern Virginia leads by number and by power, ahead of Beijing, London and Frankfurt.",
);
const power = source(
  "grid-monitor.example/reports/data-centre-load",
  "data-centre load on regional grids",
  "In three of the leading regions new connections wait for five years or more.",
);
const fibre = source(
  "cable-atlas.example/exchanges",
  "internet exchanges and long-haul fibre",
  "Frankfurt, Amsterdam and London grew around their exchanges.",
);
const tax = source(
  "policy-review.example/us/virginia/data-centre-exemption",
  "Virginia's sales-tax exemption",
  "Equipment for large facilities has been exempt from sales tax for more than a decade.",
);
const asia = source(
  "asia-infrastructure.example/2025/metros",
  "infrastructure of Asian metropolitan areas",
  "Tokyo and Singapore host the densest clusters; Johor takes what Singapore has no room for.",
);
const water = source(
  "city-ledger.example/dublin/moratorium",
  "Dublin's limits on new connections",
  "The utility stopped new connections in the city and reviews each case.",
);
const counts = source(
  "research-archive.example/papers/counting-data-centres",
  "a paper on how data centres are counted",
  "Registers differ by up to forty percent, chiefly because campuses are counted as one or as many.",
);
const cited = [registry, power, fibre, tax, asia, water, counts];

const CONTENT = `> ${LABEL_SENTENCE}

# Where the data centres are

**Northern Virginia hosts the most data centres of any urban area, by number and by power** [1]. London, Frankfurt, Beijing, Tokyo and the Silicon Valley follow, in an order that depends on who counts [1][7].

## The leading areas

| Rank | Area | Facilities | Power (MW) | What drew them |
|---:|---|---:|---:|---|
| 1 | Northern Virginia | 320 | 4,900 | Fibre, tax, land [1][4] |
| 2 | Beijing | 190 | 2,100 | State demand, networks [1][5] |
| 3 | London | 180 | 1,200 | Finance, exchanges [1][3] |
| 4 | Frankfurt | 150 | 1,100 | The exchange, central place [3] |
| 5 | Tokyo | 130 | 1,300 | Demand, submarine cables [5] |
| 6 | Silicon Valley | 125 | 900 | Customers next door [1] |

## What drew them there

1. **Networks came first.** Where exchanges and long-haul fibre met in the 1990s, the first buildings went up, and each one made the next one cheaper to connect [3].
2. **Tax and land.** Virginia has exempted equipment from sales tax for years, and its outer counties had room [4].
3. **Power, until lately.** Regions with spare capacity grew fastest. In three of the leading ones new connections now wait for five years or more, and growth moves on [2].

## What changes

Dublin no longer connects new sites in the city as a rule [6]. Singapore's growth spills over into Johor [5]. Power, not fibre, now decides the place [2].

## How sure this is

The first place is not in doubt: every register agrees. The order from second to sixth is: counts differ by up to forty percent, for a campus may be one facility or ten [7]. Megawatts compare better than numbers, but fewer operators publish them.

## References

${references(cited)}`;

/** The report as text. */
export const dataCentres: CuratedRun = {
  script: script([
    "Find registers that count facilities by city, and see how each of them counts.",
    "Then ask why there: networks, power, tax, land. Each reason needs its own evidence.",
    "Last, look for what speaks against the ranking.",
  ], [
    {
      objective: "find registries of data centres by metropolitan area",
      queries: ["data centres by city 2026", "largest colocation markets megawatts"],
      reads: [registry, asia],
      finding: "Northern Virginia leads every ranking; below it the order differs.",
      thought:
        "If the order below the first place changes with the source, the method of counting matters.",
    },
    {
      objective: "find what drew operators to the leading areas",
      queries: [
        "internet exchange data centre cluster history",
        "Virginia data centre tax exemption",
      ],
      reads: [fibre, tax],
      finding: "The European clusters grew around exchanges; Virginia adds tax and land.",
    },
    {
      objective: "find where power and policy limit growth",
      queries: [
        "grid connection waiting time data centres",
        "Dublin data centre connection policy",
      ],
      reads: [power, water],
      finding: "In several leading areas power is now the limit, and growth moves elsewhere.",
      thought: "Power explains the newest sites better than fibre does.",
    },
    {
      objective: "find evidence that contradicts the ranking",
      queries: ["how data centres are counted", "data centre registry discrepancies"],
      reads: [counts],
      finding:
        "Counts differ by up to forty percent between registers; the first place is not affected.",
    },
  ]),
  output: {
    type: "text",
    content: CONTENT,
    basis: [basis(
      "output",
      "medium",
      "the first place is agreed on by every source; the rest of the order depends on how facilities are counted.",
      ...cited,
    )],
  },
};
