/** The stylesheet's face: generated before the framework's build, never in a browser. */
export { buildStylesheet, type Stylesheet, writeStylesheet } from "./build.ts";
