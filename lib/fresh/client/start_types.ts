/** Entry: a page whose props hold dates, maps and the like. */
import { boot } from "./islands.ts";
import { TYPES } from "./types.ts";

boot(TYPES);
