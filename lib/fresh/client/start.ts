/** Entry: a page whose props hold no signals. */
import { boot } from "./boot.ts";

boot();
