/** The figures in Prometheus' text format, version 0.0.4. */
import type { Figure, Labels } from "./figures.ts";

/** The format's media type. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Formats figures. Durations are in seconds, as the format's conventions require. */
export function prometheusText(figures: readonly Figure[]): string {
  return `${figures.flatMap(linesOf).join("\n")}\n`;
}

function linesOf(figure: Figure): string[] {
  const base = figure.name.replaceAll(".", "_");
  if (figure.kind !== "histogram") {
    const name = figure.kind === "counter" ? `${base}_total` : base;
    return [
      ...headOf(name, figure),
      ...figure.values.map(({ labels, value }) => `${name}${labelsOf(labels)} ${value}`),
    ];
  }
  const name = `${base}_seconds`;
  const { histogram } = figure;
  return [
    ...headOf(name, figure),
    ...histogram.cumulative().map(({ bound, count }) =>
      `${name}_bucket${labelsOf({ le: bound === Infinity ? "+Inf" : `${bound / 1000}` })} ${count}`
    ),
    `${name}_sum ${histogram.sum / 1000}`,
    `${name}_count ${histogram.count}`,
  ];
}

function headOf(name: string, { help, kind }: Figure): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
