/** A finished result and a live feed for visitors, marked as made up. Nothing in them can be pressed. */
import { asset } from "fresh/runtime";
import { renderToString } from "preact-render-to-string";
import { messageOf, readEvents } from "../../components/feed/body.tsx";
import { StepRow } from "../../components/feed/row.tsx";
import { ConfidenceBar, ConfidenceMark } from "../../components/ui/Confidence.tsx";
import { SiteInitial } from "../../components/ui/WebLink.tsx";
import { Status } from "../../components/ui/Status.tsx";
import { foldSteps, type LogEvent, payloadOf } from "../../lib/runs/model/mod.ts";

interface SampleField {
  readonly name: string;
  readonly value: string;
  /** A small prefix of the value: a currency. */
  readonly unit?: string;
  readonly level: "high" | "medium";
  /** The numbers of its sources. */
  readonly sources: readonly number[];
}

const FIELDS: readonly SampleField[] = [
  { name: "Legal name", value: "Halden Robotics AS", level: "high", sources: [1, 2] },
  { name: "Founded", value: "14 March 2014", level: "medium", sources: [1, 3] },
  { name: "Headquarters", value: "Trondheim, Norway", level: "high", sources: [1] },
  { name: "Employees", value: "1,312", level: "medium", sources: [1, 2] },
  { name: "Revenue 2025", unit: "NOK", value: "1,386,000,000", level: "high", sources: [2, 4] },
  { name: "Listed", value: "No", level: "high", sources: [2] },
  { name: "Products", value: "Pick, Sort, Fleet", level: "high", sources: [3, 5] },
];

/** The field whose first source is open. */
const OPEN = "Founded";

/**
 * The HTML of both, and the icons' URL in it. It is half of the front page and the same for all visitors, so a
 * process renders it once for each build.
 */
let rendered = { icons: "", html: "" };

export function SampleRun() {
  const icons = asset("/icons.svg");
  if (rendered.icons !== icons) {
    const html = renderToString(
      <>
        <SampleResult />
        <SampleStrip />
      </>,
    );
    rendered = { icons, html };
  }
  // deno-lint-ignore react-no-danger -- rendered above by Preact, from constants alone
  return <div class="show" dangerouslySetInnerHTML={{ __html: rendered.html }} />;
}

function SampleResult() {
  return (
    <section aria-labelledby="sample-result">
      <div class="sample-head">
        <h2 id="sample-result">Halden Robotics</h2>
        <Status status="completed" />
        <span class="text-soft">3 min 40 s</span>
        <ConfidenceBar fields={FIELDS} small />
        <span class="tape">Made-up example</span>
      </div>
      <dl class="sample-fields">
        {FIELDS.map(({ name, value, unit, level, sources }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {unit && <small class="text-soft">{unit}</small>} {value}
            </dd>
            <dd class="sample-evidence">
              <ConfidenceMark level={level} />
              {sources.map((number, at) => (
                <span key={number} class={name === OPEN && at === 0 ? "chip open" : "chip"}>
                  <span class="sr-only">source</span>
                  {number}
                </span>
              ))}
              {name === OPEN && <OpenSource />}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** A citation as it opens beside its value. */
function OpenSource() {
  return (
    <div class="popover sample-source">
      <p class="text-soft">
        <SiteInitial host="brreg-mirror.example" /> brreg-mirror.example · 12 Nov 2026
        <span>1 of 2</span>
      </p>
      <p>
        <b>Halden Robotics AS, entry in the register of companies</b>
      </p>
      <blockquote>
        …organisation number 913 402 771, <b>registered on 14 March 2014</b>{" "}
        in Trondheim. Form of business: private limited company…
      </blockquote>
    </div>
  );
}

const MESSAGE = "task_run.progress_msg.";

const ROWS: readonly [seconds: number, kind: string, message: string][] = [
  [2, "plan", "List the operators, find each owner, check the accounts"],
  [9, "search", "Objective: Find a complete list"],
  [10, "extract", "Extract: https://grid-register.example/operators"],
  [12, "extract", "Extract: https://open-registry.example/tso"],
  [14, "extract", "Extract: https://statistics-office.example/energy"],
  [18, "result", "41 operators in 36 countries"],
  [22, "search", "Objective: Establish the owners"],
  [24, "extract", "Extract: https://netz-hessen.example/eigentuemer"],
  [26, "extract", "Extract: https://europe-policy.example/who-owns-the-grid"],
  [28, "extract", "Extract: https://annual-reports.example/terna"],
  [38, "result", "Six of the eleven largest are state-owned"],
  [65, "result", "Spending rose in 29 of 36 countries"],
  [66, "search", "Objective: Check the exceptions"],
  [67, "extract", "Extract: https://field-notes.example/2026/02/why"],
  [68, "extract", "Extract: https://open-registry.example/energy/capex"],
  [69, "extract", "Extract: https://statistics-office.example/lines"],
];

/** How far the sample run is (percent). */
const PROGRESS = 52;

/** Any moment will do: rows show the time since then (Unix ms). */
const START_MS = 1;

function SampleStrip() {
  const { steps } = foldSteps(readEvents(ROWS.map(eventOf), START_MS, payloadOf), messageOf);
  return (
    <section aria-label="A run in progress, made up as an example">
      <div class="sample-head">
        <Status status="running" />
        <progress value={PROGRESS} max={100} aria-label="Progress of the example"></progress>
        <span>{PROGRESS} %</span>
      </div>
      <ol class="sample-feed live">
        {steps.map((step, at) => (
          <StepRow
            key={step.events[0].id}
            step={step}
            startMs={START_MS}
            open={at === steps.length - 1}
            isExample
          />
        ))}
      </ol>
    </section>
  );
}

function eventOf([seconds, kind, message]: typeof ROWS[number], at: number): LogEvent {
  const type = MESSAGE + kind;
  const received_ms = START_MS + seconds * 1000;
  return { id: at + 1, type, received_ms, data: JSON.stringify({ message }) };
}
