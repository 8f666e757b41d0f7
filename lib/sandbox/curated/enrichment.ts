import { basis, type CuratedRun, script, source } from "./build.ts";

const about = source(
  "foundation-profiles.example/wikimedia",
  "foundation profiles, Wikimedia",
  "A non-profit founded in 2003 that operates Wikipedia and a family of free knowledge projects.",
);
const filing = source(
  "charity-filings.example/us/wikimedia-foundation",
  "charity filings, annual summary",
  "Principal office in San Francisco, California. Contributions make up the larger part of revenue.",
);
const projects = source(
  "free-knowledge-watch.example/projects",
  "free knowledge projects at a glance",
  "The best known are Wikipedia, Wikimedia Commons, Wikidata and Wiktionary.",
);

/** The enrichment of a record. */
export const enrichment: CuratedRun = {
  script: script([
    "Identify the organisation by its website, so that no namesake gets in.",
    "Fill the stable fields first (form, year, seat), then projects and funding.",
  ], [{
    objective: "find profile and filings of the Wikimedia Foundation",
    queries: [
      "Wikimedia Foundation legal form founded",
      "Wikimedia Foundation annual filing revenue",
    ],
    reads: [about, filing, projects],
    finding:
      "Profile and filing agree on form, year and seat; the filing says where the money comes from.",
  }]),
  output: {
    type: "json",
    content: {
      legal_form: "non-profit",
      founded_year: 2003,
      headquarters: "San Francisco, United States",
      main_projects: ["Wikipedia", "Wikimedia Commons", "Wikidata", "Wiktionary"],
      funding: "Simulated: mostly donations, many of them small, beside grants and an endowment.",
    },
    basis: [
      basis("legal_form", "high", "the profile and the filing both say so.", about, filing),
      basis("founded_year", "high", "stated in the profile.", about),
      basis(
        "headquarters",
        "medium",
        "the filing names the principal office; remote work is common.",
        filing,
      ),
      basis("main_projects", "high", "the four that both pages name.", projects, about),
      basis("main_projects.0", "high", "named first on both pages.", projects, about),
      basis("main_projects.1", "high", "named on the overview of projects.", projects),
      basis("main_projects.2", "high", "named on the overview of projects.", projects),
      basis("main_projects.3", "medium", "named on one page only.", projects),
      basis("funding", "medium", "the filing gives shares for the last year only.", filing),
    ],
  },
};
