import { basis, type CuratedRun, script, source } from "./build.ts";

const survey = source(
  "alpine-survey.example/peaks/julian-alps",
  "peaks of the Julian Alps, survey register",
  "Triglav, 2864 m, summit of the Julian Alps and highest point of the country.",
);
const almanac = source(
  "mountain-almanac.example/slovenia",
  "mountain almanac, Slovenia",
  "With 2,864 metres Triglav is the highest peak; it stands on the coat of arms.",
);

/** The quick fact. */
export const mountain: CuratedRun = {
  script: script(
    ["Name the highest mountain first, then confirm its height with a second source."],
    [{
      objective: "find the highest mountain of Slovenia and its surveyed height",
      queries: ["highest mountain Slovenia height metres"],
      reads: [survey, almanac],
      finding: "Both pages name Triglav and give 2,864 m.",
    }],
  ),
  output: {
    type: "json",
    content: { mountain: "Triglav (simulated lookup)", height_m: 2864 },
    basis: [
      basis("mountain", "high", "both pages name it as the highest peak.", survey, almanac),
      basis("height_m", "high", "the survey register gives the height in metres.", survey, almanac),
    ],
  },
};
