/** Makes the values that JSON cannot express and that need no library, by their letters. */
import type { Makers } from "./revive.ts";

export const TYPES: Makers = {
  B: ([a], get, own) => own(BigInt(get(a!))),
  D: ([a], get, own) => own(new Date(get(a!))),
  U: ([a], get, own) => own(new URL(get(a!))),
  R: ([a, b], get, own) => own(RegExp(get(a!), get(b!))),
  8: ([a], get, own) => own(Uint8Array.from(atob(get(a!)), (char) => char.charCodeAt(0))),
  S: (args, get, own) => {
    const set = own(new Set());
    for (const a of args) set.add(get(a));
  },
  M: (args, get, own) => {
    const map = own(new Map());
    for (let i = 0; i < args.length; i += 2) map.set(get(args[i]!), get(args[i + 1]!));
  },
  // Arrays with holes: length, then index and value in turn.
  A: (args, get, own) => {
    const array = own(Array(get(args[0]!)));
    for (let i = 1; i < args.length; i += 2) array[get(args[i]!)] = get(args[i + 1]!);
  },
};
