/** Entry of pages with signals in their props. Only these pages load the library. */
import { computed, signal } from "@preact/signals";
import { boot } from "./islands.ts";
import { TYPES } from "./types.ts";

boot({
  ...TYPES,
  s: ([a], get, own) => {
    own(signal<unknown>()).value = get(a!);
  },
  c: ([a], get, own) => own(computed(() => get(a!))),
});
