/** API keys that the simulated provider hands out: real ones to an app, good at this sandbox alone. Pure. */

const SIMULATED_KEY = /^sk-sim-[0-9a-f]{32}$/;

/** A key of the simulated provider from 16 bytes. */
export function simulatedKey(bytes: Uint8Array): string {
  return `sk-sim-${bytes.subarray(0, 16).toHex()}`;
}

/** Whether a key is one of the simulated provider's. */
export function isSimulatedKey(key: string): boolean {
  return SIMULATED_KEY.test(key);
}
