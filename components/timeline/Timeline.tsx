/**
 * A run over time, rendered by the server: a lane for each phase, and the same data as tables. A lane is one
 * path, however often the run came back to its phase.
 */
import {
  type Lane,
  LANES,
  type Timeline as Shape,
  type TimelineFold,
  timelineOf,
} from "../../lib/runs/model/mod.ts";
import { clock, count, duration } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { highest, share, stretchesOf, ticksOf } from "./scale.ts";
import { TimelineTables } from "./TimelineTables.tsx";

/** Units of the drawing: its width, and the height of a lane in pixels. */
const WIDTH = 1_000, LANE = 20;

/** Short names of the phases. */
const WORDS: Readonly<Record<Lane, string>> = {
  queued: "Wait",
  planning: "Plan",
  searching: "Search",
  reading: "Read",
  tools: "Tools",
  findings: "Find",
  "other work": "Other",
};

/** Returns the run over time, or `null` if there is nothing to draw. */
export function drawable(
  fold: TimelineFold,
  startMs: number,
  endMs: number | null,
): Shape | null {
  // Without events, states show only when the run ended, not what it did.
  if (!fold.hasWork) return null;
  const shape = timelineOf(fold, startMs, endMs);
  return shape.lengthMs <= 0 || shape.spans.length === 0 ? null : shape;
}

export interface TimelineProps {
  readonly shape: Shape;
  /** Whether the timeline is folded at first, and so left out in print. */
  readonly folded?: boolean;
}

export function Timeline({ shape, folded }: TimelineProps) {
  const lanes = LANES.filter((lane) => shape.spans.some((span) => span.lane === lane));
  return (
    <details class="fold section-fold" id="timeline" open={!folded}>
      <summary>
        <Icon name="chevron-right" /> <h2>Timeline</h2>
        <small class="text-soft">{duration(shape.lengthMs)}{sourceWords(shape)}</small>
      </summary>
      <div class="timeline">
        <ul aria-hidden="true">{lanes.map((lane) => <li key={lane}>{WORDS[lane]}</li>)}</ul>
        <Lanes shape={shape} lanes={lanes} />
        <Axis lengthMs={shape.lengthMs} />
      </div>
      <TimelineTables shape={shape} />
    </details>
  );
}

function Lanes({ shape, lanes }: { shape: Shape; lanes: readonly Lane[] }) {
  return (
    <svg
      width="100%"
      height={lanes.length * LANE}
      viewBox={`0 0 ${WIDTH} ${lanes.length * LANE}`}
      preserveAspectRatio="none"
      role="img"
      aria-label="The run over time"
      aria-describedby="timeline-text"
    >
      <desc id="timeline-text">{inWords(shape)}</desc>
      {lanes.map((lane, row) => {
        const y = row * LANE + LANE / 2;
        const spans = shape.spans.filter((span) => span.lane === lane);
        const path = stretchesOf(spans, shape.lengthMs)
          .map(({ at, width }) => `M${units(at)} ${y}h${units(width)}`).join("");
        return (
          <g key={lane}>
            <path class="lane" d={`M0 ${y}h${WIDTH}`} />
            <path class="phase" data-lane={lane} d={path} />
          </g>
        );
      })}
    </svg>
  );
}

/** The times along the run, in text that does not stretch with the drawing. */
function Axis({ lengthMs }: { lengthMs: number }) {
  return (
    <svg width="100%" height={LANE} class="axis" aria-hidden="true">
      {ticksOf(lengthMs).map((ms) => {
        const at = share(ms, lengthMs);
        return (
          <text
            key={ms}
            x={`${Math.round(at * 10_000) / 100}%`}
            y="14"
            text-anchor={at < 0.05 ? "start" : at > 0.95 ? "end" : "middle"}
          >
            {clock(ms)}
          </text>
        );
      })}
    </svg>
  );
}

function sourceWords({ sources }: Shape): string {
  const last = sources.at(-1);
  if (last === undefined || highest(sources) === 0) return "";
  return `, ${count(last.considered)} sources considered, ${count(last.read)} read`;
}

function inWords(shape: Shape): string {
  const phases = shape.phases.map(({ lane, tookMs }) => `${lane} ${duration(tookMs)}`);
  const last = shape.sources.at(-1);
  return `${duration(shape.lengthMs)} in all: ${phases.join(", ")}.` +
    (last === undefined
      ? ""
      : ` At the end ${count(last.considered)} sources considered, ${count(last.read)} read.`);
}

function units(part: number): number {
  return Math.round(part * WIDTH * 10) / 10;
}
