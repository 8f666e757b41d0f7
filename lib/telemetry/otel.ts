/**
 * The figures as OpenTelemetry metrics. With `OTEL_DENO=true`, Deno exports them, and traces requests and
 * fetches. Without it, these calls have no effect.
 * Source: docs.deno.com/runtime/fundamentals/open_telemetry.
 */
import { metrics, trace } from "@opentelemetry/api";
import { Figures, type OnDuration } from "./figures.ts";
import { BOUNDS_MS } from "./histogram.ts";

const SCOPE = "taskstream";

/** The figures of this process, which OpenTelemetry exports. */
export function exportedFigures(sources: ConstructorParameters<typeof Figures>[0]): Figures {
  const figures = new Figures(sources, exportDurations());
  exportNumbers(figures);
  return figures;
}

/** Exports every duration as it is recorded. */
function exportDurations(): OnDuration {
  const meter = metrics.getMeter(SCOPE);
  const instruments = new Map<string, ReturnType<typeof meter.createHistogram>>();
  return (name, ms) => {
    let instrument = instruments.get(name);
    if (instrument === undefined) {
      instrument = meter.createHistogram(name, {
        unit: "ms",
        advice: { explicitBucketBoundaries: [...BOUNDS_MS] },
      });
      instruments.set(name, instrument);
    }
    instrument.record(ms);
  };
}

/** Exports the counters and gauges whenever they are collected. */
function exportNumbers(figures: Figures): void {
  const meter = metrics.getMeter(SCOPE);
  const valuesOf = (name: string) => {
    const figure = figures.list().find((candidate) => candidate.name === name);
    return figure === undefined || figure.kind === "histogram" ? [] : figure.values;
  };
  for (const { name, help: description, kind } of figures.list()) {
    if (kind === "histogram") continue;
    const instrument = kind === "counter"
      ? meter.createObservableCounter(name, { description })
      : meter.createObservableGauge(name, { description });
    instrument.addCallback((result) => {
      for (const { labels, value } of valuesOf(name)) result.observe(value, labels);
    });
  }
}

/** Names the current request's span after its route, so IDs do not create a name each. */
export function nameRequestSpan(method: string, route: string | null): void {
  const span = trace.getActiveSpan();
  if (span === undefined || route === null) return;
  span.updateName(`${method} ${route}`);
  span.setAttribute("http.route", route);
}
