/** Keeps the stylesheet up to date during development. */
import { writeStylesheet } from "./build.ts";

/**
 * Writes the stylesheet again when a CSS file changes here, and when Deno has replaced the functions of a
 * module, which may use other classes. After any other change of a module, the process starts anew.
 */
export function watchStylesheet(root: string): void {
  const write = () =>
    writeStylesheet(root).catch((error) => {
      // Editors remove a file and write it again. The next event comes when it is back.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  addEventListener("hmr", () => void write());
  void follow(write);
}

async function follow(write: () => Promise<unknown>): Promise<void> {
  for await (const { kind, paths } of Deno.watchFs(import.meta.dirname!)) {
    if (kind !== "access" && paths.some((path) => path.endsWith(".css"))) await write();
  }
}
