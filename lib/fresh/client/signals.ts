/** Makes signals besides the other types. Only pages with signals in their props load the library. */
import { computed, signal } from "@preact/signals";
import type { Makers } from "./revive.ts";
import { makers as types } from "./types.ts";

export const makers: Makers = {
  ...types,
  s: ([a], get, own) => {
    own(signal<unknown>()).value = get(a!);
  },
  c: ([a], get, own) => own(computed(() => get(a!))),
};
