/** Public API of the stylesheet generator. Runs before the framework's build, never in a browser. */
export { buildStylesheet, watchStylesheet, writeStylesheet } from "./build.ts";
