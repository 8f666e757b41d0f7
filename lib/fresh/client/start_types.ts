/** Entry: a page whose props hold dates, maps and the like. */
import { boot } from "./boot.ts";
import { TYPES } from "./types.ts";

boot(TYPES);
