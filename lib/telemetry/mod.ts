/**
 * Figures of this process, for `/admin`, Prometheus and OpenTelemetry.
 *
 * @module
 */
export { type Figure, Figures } from "./figures.ts";
export { exportedFigures, nameRequestSpan } from "./otel.ts";
export { PROMETHEUS_TYPE, prometheusText } from "./prometheus.ts";
