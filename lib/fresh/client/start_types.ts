/** Entry of pages with dates, maps and other types in their props. */
import { boot } from "./islands.ts";
import { TYPES } from "./types.ts";

boot(TYPES);
