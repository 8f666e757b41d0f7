/** What each check of a simulated monitor finds: a function of the monitor's id and the check's number. Pure. */
import type { JsonObject } from "../base/mod.ts";
import { readOutput, type TaskRunOutput } from "../parallel/mod.ts";
import { Random } from "./random.ts";
import { timestamp } from "./world.ts";

/** Checks after which a monitor ends. */
export const MAX_CHECKS = 200;

/** A monitor as it is stored. */
export interface StoredMonitor {
  readonly id: string;
  readonly keyHash: string;
  readonly createdMs: number;
  readonly runId: string;
  readonly frequency: string;
  readonly periodMs: number;
  readonly processor: "lite" | "base";
  readonly webhook: JsonObject | null;
  readonly metadata: JsonObject | null;
  readonly cancelledMs: number | null;
  /** The run's result when the monitor was made. */
  readonly output: string;
  readonly query: string;
}

/** When a check happens (Unix ms). */
export function timeOf({ createdMs, periodMs }: StoredMonitor, check: number): number {
  return createdMs + check * periodMs;
}

/** One check, and its event in the API's format. */
export interface Check {
  readonly check: number;
  readonly event: { readonly event_type: string; readonly [name: string]: unknown };
}

/** The results of the first checks, in order. */
export function checksOf(monitor: StoredMonitor, count: number): Check[] {
  const random = new Random(monitor.id);
  const fault = String(monitor.metadata?.sandbox ?? "");
  let current = readOutput(JSON.parse(monitor.output));
  return Array.from({ length: count }, (_, check): Check => {
    const at = timestamp(timeOf(monitor, check) * 1000);
    const own = random.fork(check);
    if (fault === "fail" && check % 3 === 2) {
      const error_message = "Payment required: insufficient credit in account";
      return { check, event: { event_type: "error", timestamp: at, error_message } };
    }
    const changed = current === null || check === 0 || fault === "still" || !own.chance(0.4)
      ? null
      : changeOf(current, check, own);
    if (changed === null || current === null) {
      return { check, event: { event_type: "completion", timestamp: at } };
    }
    const previous = current;
    current = changed.whole;
    return {
      check,
      event: {
        event_type: "snapshot",
        event_id: `mevt_${own.hex(24)}`,
        event_group_id: `mevtgrp_${own.hex(48)}`,
        event_date: at.slice(0, 10),
        changed_output: changed.part,
        previous_output: previous,
      },
    };
  });
}

/** A result with news: all of it, and the news alone. */
function changeOf(
  output: TaskRunOutput,
  check: number,
  random: Random,
): { readonly whole: TaskRunOutput; readonly part: TaskRunOutput } | null {
  if (output.type === "text") {
    const content = `${output.content.replace(/\n\nSimulated update \d+\.$/, "")}\n\n` +
      `Simulated update ${check}.`;
    const whole = { ...output, content };
    return { whole, part: whole };
  }
  const names = Object.keys(output.content).filter((name) =>
    ["string", "number", "boolean"].includes(typeof output.content[name])
  );
  if (names.length === 0) return null;
  const name = random.pick(names);
  const value = output.content[name];
  const next = typeof value === "number"
    ? value + 1
    : typeof value === "boolean"
    ? !value
    : `${String(value).replace(/ \(update \d+\)$/, "")} (update ${check})`;
  const basis = output.basis.filter(({ field }) => field === name);
  return {
    whole: { ...output, content: { ...output.content, [name]: next } },
    part: { ...output, content: { [name]: next }, basis },
  };
}

/** A result that fits into one value: long texts are cut, and a basis that is too large is left out. */
export function cutResult(output: TaskRunOutput): TaskRunOutput {
  const fits = (value: TaskRunOutput) => JSON.stringify(value).length < 40_000;
  if (fits(output)) return output;
  const bare = { ...output, basis: [] };
  if (fits(bare)) return bare;
  return bare.type === "text"
    ? { ...bare, content: bare.content.slice(0, 10_000) }
    : { ...bare, content: { note: "This result is too large for a simulated monitor." } };
}
