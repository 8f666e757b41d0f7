/** Makes the values that JSON cannot express and that need no library, by their letters. */
import type { Makers } from "./revive.ts";

export const makers: Makers = {
  B: ([a], get, own) => own(BigInt(get(a!))),
  D: ([a], get, own) => own(new Date(get(a!))),
  U: ([a], get, own) => own(new URL(get(a!))),
  S: (args, get, own) => {
    const set = own(new Set());
    for (const a of args) set.add(get(a));
  },
  M: (args, get, own) => {
    const map = own(new Map());
    for (let i = 0; i < args.length; i += 2) map.set(get(args[i]!), get(args[i + 1]!));
  },
};
