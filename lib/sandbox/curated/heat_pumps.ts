import { LABEL_SENTENCE } from "../output/text.ts";
import { basis, type CuratedRun, script, source } from "./build.ts";

const sales = source(
  "heat-market-monitor.example/europe/2025",
  "heat pump sales in Europe, 2025",
  "Sales fell for two years after the peak of 2022 and turned up again in 2025.",
);
const stock = source(
  "statistics-office.example/energy/heat-pump-stock",
  "installed heat pumps by country",
  "Norway, Sweden and Finland have the most per household; France and Italy the most in all.",
);
const makers = source(
  "annual-reports.example/heating/industry-overview",
  "overview of the heating industry",
  "European boiler makers and Asian makers of air conditioners now sell to the same customers.",
);
const subsidy = source(
  "policy-review.example/heating/subsidies",
  "subsidies for heating, compared",
  "Schemes changed in six of ten countries within two years, and sales followed each change.",
);
const prices = source(
  "energy-prices.example/ratio",
  "price of electricity over price of gas",
  "Where electricity costs less than two and a half times as much as gas, heat pumps sell well.",
);
const installers = source(
  "trade-gazette.example/installers",
  "shortage of installers",
  "Training takes years, and waiting times of several months are common.",
);
const noise = source(
  "research-archive.example/papers/adoption",
  "a paper on what keeps households from switching",
  "Up-front cost is named first, disruption second, doubts about old buildings third.",
);

const text = (description: string) => ({ type: "string", description });
const object = (properties: Record<string, unknown>) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const list = (items: unknown) => ({ type: "array", items });

const SCHEMA = object({
  executive_summary: text("The answer in a few sentences"),
  market_size_and_growth: object({
    units_sold: text("Units per year"),
    market_value: text("Value per year"),
    growth: text("Direction and rate"),
    forecast: text("What is expected"),
  }),
  country_profiles: list(object({
    country: text("Country"),
    position: text("Its place in the market"),
    driver: text("What moves it"),
  })),
  makers: list(object({ group: text("Kind of maker"), strategy: text("What they do") })),
  policy: list(text("A measure and its effect")),
  obstacles: list(object({
    obstacle: text("What slows the market down"),
    severity: { type: "string", enum: ["high", "medium", "low"] },
  })),
  outlook: text("What to watch"),
});

/** Deep research with its own structure. */
export const heatPumps: CuratedRun = {
  script: script([
    "Size and growth first, by units, for values depend on what is counted as part of a system.",
    "Then the makers, and which of them gain.",
    "Policy moves this market: date each change and compare it with sales.",
    "Last the obstacles, with evidence for how much each of them weighs.",
  ], [
    {
      objective: "establish units sold and the direction of sales",
      queries: ["heat pump sales Europe 2025", "heat pump market units decline 2023 2024 recovery"],
      reads: [sales, stock],
      finding: "A peak in 2022, two years of decline, and a turn upwards in 2025.",
      thought:
        "Stock and sales tell different stories: the north is saturated, the west is volatile.",
    },
    {
      objective: "find who makes heat pumps for European homes and how their shares move",
      queries: [
        "residential heat pump makers Europe market share",
        "boiler makers acquisitions heat pumps",
      ],
      reads: [makers],
      finding: "Boiler makers and makers of air conditioners have become direct competitors.",
    },
    {
      objective: "match changes of subsidy with changes of sales",
      queries: ["heating subsidy changes by country", "heat pump grant scheme effect on sales"],
      reads: [subsidy, prices],
      finding: "Sales follow each change of subsidy within months; the price ratio sets the level.",
      thought: "If the price ratio sets the level, tax on electricity matters more than grants.",
    },
    {
      objective: "find what keeps households from switching",
      queries: ["heat pump adoption barriers survey", "installer shortage heat pumps waiting time"],
      reads: [installers, noise],
      finding: "Up-front cost, then disruption; a lack of installers makes both worse.",
    },
  ]),
  output: {
    type: "json",
    content: {
      executive_summary:
        `${LABEL_SENTENCE} Europe buys about two and a half million residential heat ` +
        "pumps a year. After two years of decline the market grows again, moved by policy in the short " +
        "run and by the price of electricity over gas in the long run.",
      market_size_and_growth: {
        units_sold: "About 2.5 million a year (simulated)",
        market_value: "About 14 billion euros with installation (simulated)",
        growth: "Down by a third from 2022 to 2024, up by a tenth in 2025 (simulated)",
        forecast: "3 to 4 million units in 2030, if price ratios fall as announced (simulated)",
      },
      country_profiles: [
        {
          country: "France",
          position: "Largest market by units",
          driver: "Grants and rules for new homes",
        },
        { country: "Germany", position: "Most volatile", driver: "The heating law and its grants" },
        {
          country: "Italy",
          position: "Large, falling",
          driver: "The end of a generous tax credit",
        },
        { country: "Sweden", position: "Saturated", driver: "Replacement, cheap electricity" },
      ],
      makers: [
        {
          group: "European boiler makers",
          strategy: "Buy or build heat-pump lines, keep their installers",
        },
        {
          group: "Asian makers of air conditioners",
          strategy: "Scale, prices, factories inside the EU",
        },
        { group: "Newcomers", strategy: "Sell heat as a service, with software and finance" },
      ],
      policy: [
        "Grants move sales within months, in both directions",
        "Rules for new buildings give the market its floor",
        "Taxes on electricity decide the running cost, and so the long run",
      ],
      obstacles: [
        { obstacle: "Up-front cost", severity: "high" },
        { obstacle: "Price of electricity over gas", severity: "high" },
        { obstacle: "Too few installers", severity: "medium" },
        { obstacle: "Doubts about old buildings", severity: "low" },
      ],
      outlook:
        "Watch the ratio of electricity to gas prices, and whether grants stay the same for two " +
        "years in a row.",
    },
    output_schema: SCHEMA,
    basis: [
      basis("executive_summary", "high", "it sums up the fields below.", sales, prices),
      basis(
        "market_size_and_growth",
        "medium",
        "units are well counted, values are not.",
        sales,
        stock,
      ),
      basis("market_size_and_growth.units_sold", "high", "from the market monitor.", sales),
      basis(
        "market_size_and_growth.market_value",
        "low",
        "one source, with installation estimated.",
        sales,
      ),
      basis("market_size_and_growth.growth", "high", "the monitor gives every year.", sales),
      basis(
        "market_size_and_growth.forecast",
        "low",
        "it assumes price ratios that may not come.",
        prices,
      ),
      basis(
        "country_profiles",
        "medium",
        "stock is exact, drivers are a judgement.",
        stock,
        subsidy,
      ),
      basis("country_profiles.0", "high", "largest in the statistics.", stock),
      basis("country_profiles.1", "medium", "sales swing with each change of the law.", subsidy),
      basis("country_profiles.2", "medium", "the tax credit ended within the period.", subsidy),
      basis("country_profiles.3", "high", "most per household in the statistics.", stock),
      basis("makers", "medium", "one overview, which names its own sources.", makers),
      basis("makers.0", "medium", "from the overview.", makers),
      basis("makers.1", "medium", "from the overview.", makers),
      basis("makers.2", "low", "few of them publish figures.", makers),
      basis("policy", "high", "two pages agree on cause and effect.", subsidy, prices),
      basis("policy.0", "high", "dated changes and sales match.", subsidy),
      basis("policy.1", "medium", "it follows from the comparison of countries.", subsidy),
      basis("policy.2", "high", "the threshold is named in the price study.", prices),
      basis("obstacles", "medium", "ranked as the survey ranks them.", noise, installers),
      basis("obstacles.0", "high", "named first in the survey.", noise),
      basis("obstacles.1", "high", "from the price study.", prices),
      basis("obstacles.2", "medium", "waiting times differ by region.", installers),
      basis("obstacles.3", "medium", "named third in the survey.", noise),
      basis("outlook", "medium", "a judgement on the fields above.", prices, subsidy),
    ],
  },
};
