/**
 * What dev.ts tells the framework: where things are and which browsers to build for.
 */
export const config = {
  root: import.meta.dirname!,
  serverEntry: "lib/start.ts",
  islandDir: "islands",
  routeDir: "routes",
  staticDir: "static",
  outDir: "_fresh",
  target: "es2022",
};
