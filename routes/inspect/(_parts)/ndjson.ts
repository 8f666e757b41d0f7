/**
 * Reads captures in JSON: the inspector's own exports, Taskstream's `trace.ndjson`, and the
 * `events` of its `result.json`. Pure.
 */
import {
  isNumber,
  isObject as isRecord,
  memberSpan,
  Numeral,
  readVerbatim,
  UNBOUNDED,
} from "../../../lib/base/mod.ts";
import { encodeSSE, SSEError } from "../../../lib/sse/mod.ts";
import { isHar, streamOf } from "./har.ts";

/** An event of a file, as stream bytes, with its arrival time. */
export interface ImportedEvent {
  readonly text: string;
  readonly atMs: number | null;
}

/** A file's events with a note, or which line is invalid and why. */
export type Import =
  | { readonly ok: true; readonly events: readonly ImportedEvent[]; readonly note?: string }
  | { readonly ok: false; readonly problem: string };

/** Reads a capture. */
export function importCapture(text: string): Import {
  const whole = parsed(text);
  if (whole.ok && isHar(whole.value)) {
    const found = streamOf(whole.value);
    return found.ok ? { ...found, events: [{ text: found.text, atMs: null }] } : found;
  }
  const listed = whole.ok && Array.isArray(whole.value)
    ? whole.value
    : whole.ok && isRecord(whole.value) && Array.isArray(whole.value.events)
    ? whole.value.events
    : null;
  const events: ImportedEvent[] = [];
  const state: ImportState = { id: "", startMs: null };
  let number = 0;
  for (const item of listed ?? text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    number++;
    if (typeof item === "string" && item.trim() === "") continue;
    const json = typeof item === "string" ? parsed(item) : { ok: true as const, value: item };
    const written = typeof item === "string" ? item : null;
    const event = json.ok && isRecord(json.value) ? readEvent(json.value, written, state) : null;
    if (event === null) {
      const where = listed === null ? `Line ${number}` : `Event ${number}`;
      return {
        ok: false,
        problem:
          `${where} is neither {offset_ms, id, event, data, retry} nor {id, received_ms, event}.`,
      };
    }
    events.push(event);
  }
  return { ok: true, events };
}

interface ImportState {
  /** The current last event ID. */
  id: string;
  /** The first time of a trace, which counts from 1970. */
  startMs: number | null;
}

function readEvent(
  line: Record<string, unknown>,
  written: string | null,
  state: ImportState,
): ImportedEvent | null {
  const { data, event, retry, offset_ms, received_ms } = line;
  const id = isNumber(line.id) ? String(line.id) : line.id ?? state.id;
  if (typeof id !== "string") return null;
  const newId = { id: id === state.id ? undefined : id };
  state.id = id;
  try {
    if (typeof data === "string") {
      const type = typeof event === "string" && event !== "message" ? event : undefined;
      return {
        text: encodeSSE({ ...newId, event: type, data, retry: number(retry) ?? undefined }),
        atMs: number(offset_ms),
      };
    }
    if (event === undefined || !("received_ms" in line)) return null;
    const ms = number(received_ms);
    if (ms !== null) state.startMs ??= ms;
    // A trace names the type if the payload does not.
    const type = [line.type, isRecord(event) ? event.type : null].find((each) =>
      typeof each === "string"
    );
    return {
      text: encodeSSE({ ...newId, event: type, data: payloadOf(line, written) }),
      atMs: ms === null ? null : ms - (state.startMs ?? ms),
    };
  } catch (error) {
    if (error instanceof SSEError) return null;
    throw error;
  }
}

/** The original payload: a line contains its exact text. */
function payloadOf({ text, event }: Record<string, unknown>, written: string | null): string {
  if (typeof text === "string") return text;
  if (typeof event === "string") return event;
  const span = written === null ? null : memberSpan(written, "event");
  return span === null || written === null ? JSON.stringify(event) : written.slice(...span);
}

function parsed(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: readVerbatim(text, UNBOUNDED) };
  } catch {
    return { ok: false };
  }
}

function number(value: unknown): number | null {
  const double = value instanceof Numeral ? Number(value.text) : value;
  return typeof double === "number" && Number.isFinite(double) ? double : null;
}
