import { Builder } from "fresh/dev";

await new Builder({ root: import.meta.dirname, outDir: Deno.args[0] }).build();
