import { assertStrictEquals } from "@std/assert";
import { idleAfterMs } from "../../../lib/runs/stream/frames.ts";

const HEARTBEATS: readonly (readonly [heartbeatMs: number, idleMs: number])[] = [
  [100, 10_000],
  [3_333, 10_000],
  [15_000, 45_000],
  [45_001, 135_003],
  [600_000, 1_800_000],
];

for (const [heartbeatMs, idleMs] of HEARTBEATS) {
  Deno.test(`with a heartbeat every ${heartbeatMs} ms a stream is dead after ${idleMs} ms of silence`, () => {
    assertStrictEquals(idleAfterMs(heartbeatMs), idleMs);
  });
}
