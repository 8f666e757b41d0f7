/** The types under the settings of real programs; `deno check` uses Deno's own. */
import { assert } from "@std/assert";

const USE = new URL("./support/use.ts", import.meta.url);

const SETTINGS = {
  "a browser's, to the letter": {
    lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  },
  "a browser's without iterable streams and headers": {
    lib: ["es2023", "esnext.disposable", "dom"],
  },
  "a worker's": {
    lib: ["es2023", "esnext.disposable", "webworker"],
    exactOptionalPropertyTypes: true,
  },
};

for (const [whose, options] of Object.entries(SETTINGS)) {
  Deno.test(`it compiles under settings like ${whose}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const config = `${folder}/deno.json`;
      await Deno.writeTextFile(
        config,
        JSON.stringify({ compilerOptions: { strict: true, ...options }, lock: false }),
      );
      // Beside its settings, or Deno would take those of this project.
      const file = `${folder}/use.ts`;
      const text = await Deno.readTextFile(USE);
      const library = new URL("../../lib/sse/", import.meta.url);
      await Deno.writeTextFile(
        file,
        text.replace("../../../lib/sse/mod.ts", "./sse/mod.ts"),
      );
      await copy(library, `${folder}/sse`);
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", "--config", config, file],
        env: { NO_COLOR: "1" },
      }).output();
      assert(success, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function copy(from: URL, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(new URL(`${name}/`, from), `${to}/${name}`);
    else if (name.endsWith(".ts")) await Deno.copyFile(new URL(name, from), `${to}/${name}`);
  }
}
