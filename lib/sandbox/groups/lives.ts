/** Packs the start and end times of one request's runs, so a thousand fit one KV value. Pure. */
import type { Ending } from "../timeline.ts";

/** The times of a run of a group (Unix µs). */
export interface RowLife {
  readonly runId: string;
  /** How long it waits for a slot (µs). */
  readonly waitUs: number;
  readonly runningUs: number;
  readonly endUs: number;
  readonly ending: Ending["status"];
  /** When the group's events report its end. */
  readonly reportedUs: number;
}

export type Lives = readonly RowLife[];

const ENDINGS: readonly Ending["status"][] = ["completed", "failed", "action_required"];
const ID_BYTES = 16;
const ROW_BYTES = ID_BYTES + 4 * 8 + 1;

/** 49 bytes per run. */
export function packLives(lives: Lives): Uint8Array {
  const bytes = new Uint8Array(lives.length * ROW_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { runId, waitUs, runningUs, endUs, reportedUs, ending }] of lives.entries()) {
    const at = index * ROW_BYTES;
    bytes.set(Uint8Array.fromHex(runId.slice("trun_".length)), at);
    for (const [place, us] of [waitUs, runningUs, endUs, reportedUs].entries()) {
      view.setFloat64(at + ID_BYTES + 8 * place, us);
    }
    view.setUint8(at + ROW_BYTES - 1, ENDINGS.indexOf(ending));
  }
  return bytes;
}

/** Reads the output of {@linkcode packLives}. */
export function unpackLives(bytes: Uint8Array): Lives {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.byteLength / ROW_BYTES) }, (_, index) => {
    const at = index * ROW_BYTES;
    const us = (place: number) => view.getFloat64(at + ID_BYTES + 8 * place);
    return {
      runId: `trun_${bytes.subarray(at, at + ID_BYTES).toHex()}`,
      waitUs: us(0),
      runningUs: us(1),
      endUs: us(2),
      reportedUs: us(3),
      ending: ENDINGS[view.getUint8(at + ROW_BYTES - 1)] ?? "completed",
    };
  });
}
