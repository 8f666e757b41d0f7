/**
 * A run over time, rendered by the server: a lane for each phase, the sources below, and the same data as
 * tables. Positions are attributes in percent and em, because the page's policy forbids inline styles.
 */
import { kindOf, type LogEvent } from "../../lib/runs/model/mod.ts";
import { clock, count, duration } from "../../lib/base/mod.ts";
import { highest, share, stepsOf, stretchesOf, ticksOf } from "./scale.ts";
import { isCut, type Lane, LANES, phasesOf, type Timeline as Shape, timelineOf } from "./shape.ts";
import { TimelineTables } from "./TimelineTables.tsx";

/** Heights (em): a lane, the chart of sources, the axis. */
const LANE = 1.75, CHART = 4, AXIS = 1.75;

export interface TimelineProps {
  readonly events: readonly LogEvent[];
  readonly startMs: number;
  readonly endMs: number | null;
}

export function Timeline({ events, startMs, endMs }: TimelineProps) {
  // States show only when it ended, not what it did: no events were requested.
  if (events.every(({ type }) => kindOf(type) === "state")) return null;
  const shape = timelineOf(events, startMs, endMs);
  const lanes = LANES.filter((lane) => shape.spans.some((span) => span.lane === lane));
  if (shape.lengthMs <= 0 || lanes.length === 0) return null;
  const chart = highest(shape.sources) > 0;
  return (
    <section class="mt-8 timeline-part" aria-labelledby="timeline-title">
      <h2 class="ruled" id="timeline-title">Timeline</h2>
      <div class="timeline">
        <ul aria-hidden="true">
          {lanes.map((lane) => <li key={lane}>{lane}</li>)}
          {chart && (
            <li class="chart-label">
              sources considered, <span class="read-key">read</span>
            </li>
          )}
        </ul>
        <Plot shape={shape} lanes={lanes} chart={chart} />
      </div>
      {isCut(events) && (
        <p class="about">
          Drawn from event {count(events[0]?.id ?? null)} on. Earlier events do not fit this page.
        </p>
      )}
      <TimelineTables shape={shape} />
    </section>
  );
}

function Plot({ shape, lanes, chart }: { shape: Shape; lanes: readonly Lane[]; chart: boolean }) {
  const chartTop = lanes.length * LANE;
  const axisTop = chartTop + (chart ? CHART : 0);
  return (
    <svg
      width="100%"
      height={em(axisTop + AXIS)}
      role="img"
      aria-label="The run over time"
      aria-describedby="timeline-text"
    >
      <desc id="timeline-text">{inWords(shape)}</desc>
      {ticksOf(shape.lengthMs).map((ms) => {
        const at = share(ms, shape.lengthMs);
        return (
          <g key={ms} class="second">
            <line x1={percent(at)} x2={percent(at)} y1="0" y2={em(axisTop)} />
            <text
              x={percent(at)}
              y={em(axisTop + 1.25)}
              text-anchor={at < 0.05 ? "start" : at > 0.95 ? "end" : "middle"}
            >
              {clock(ms)}
            </text>
          </g>
        );
      })}
      {lanes.map((lane, row) =>
        stretchesOf(shape.spans.filter((span) => span.lane === lane), shape.lengthMs).map((
          { at, width },
        ) => (
          <rect
            key={`${lane} ${at}`}
            class="phase"
            data-lane={lane}
            x={percent(at)}
            width={percent(width)}
            y={em(row * LANE + 0.5)}
            height={em(LANE - 1)}
          />
        ))
      )}
      {chart && <Sources shape={shape} top={chartTop} />}
    </svg>
  );
}

function Sources({ shape, top }: { shape: Shape; top: number }) {
  const room = CHART - 0.75;
  const bottom = top + CHART;
  return (
    <>
      <text x="0" y={em(top + 1.25)}>{count(highest(shape.sources))}</text>
      {stepsOf(shape.sources, shape.lengthMs).map(({ at, width, considered, read }) => (
        <g key={at}>
          <rect
            class="considered"
            x={percent(at)}
            width={percent(width)}
            y={em(bottom - considered * room)}
            height={em(considered * room)}
          />
          <rect
            class="read"
            x={percent(at)}
            width={percent(width)}
            y={em(bottom - read * room)}
            height={em(read * room)}
          />
        </g>
      ))}
    </>
  );
}

function inWords(shape: Shape): string {
  const phases = phasesOf(shape).map(({ lane, tookMs }) => `${lane} ${duration(tookMs)}`);
  const last = shape.sources.at(-1);
  return `${duration(shape.lengthMs)} in all: ${phases.join(", ")}.` +
    (last === undefined
      ? ""
      : ` At the end ${count(last.considered)} sources considered, ${count(last.read)} read.`);
}

function percent(part: number): string {
  return `${Math.round(part * 10_000) / 100}%`;
}

function em(value: number): string {
  return `${Math.round(value * 100) / 100}em`;
}
