/** A project on disk: a copy of a fixture that resolves `fresh` to the code under test. */
import { fixture } from "./serve.ts";

const ROOT = new URL("../../../../", import.meta.url);

const DEV = `import { Builder } from "fresh/dev";

const builder = new Builder({ root: import.meta.dirname });
if (Deno.args[0] === "build") await builder.build();
else void builder.listen(() => import("./main.ts"), { hostname: "127.0.0.1", port: Number(Deno.args[0]) });
`;

/** A project in a temporary directory, gone at the end of its scope. */
export class Project implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  /** Copies a fixture; `compilerOptions` go on top of the project's. */
  static async from(name: string, compilerOptions: object = {}): Promise<Project> {
    // The real path: on some systems the temporary directory is a link.
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "fresh-test-" }));
    await copy(fixture(name), dir);
    const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    for (const [specifier, target] of Object.entries<string>(config.imports)) {
      if (target.startsWith("./")) config.imports[specifier] = new URL(target, ROOT).href;
    }
    Object.assign(config.compilerOptions, compilerOptions);
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify(config));
    await Deno.copyFile(new URL("deno.lock", ROOT), `${dir}/deno.lock`);
    await Deno.writeTextFile(`${dir}/dev.ts`, DEV);
    return new Project(dir);
  }

  /** Writes a file of the project. */
  write(path: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.dir}/${path}`, text);
  }

  /** Builds to disk, in a process of its own; gives what went wrong, or "". */
  async build(): Promise<string> {
    const { success, stderr } = await this.command("run", "-A", "dev.ts", "build").output();
    return success ? "" : new TextDecoder().decode(stderr);
  }

  /** The scripts of the build, by name. */
  async scripts(): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(`${this.dir}/_fresh/static/_fresh/js`)) {
      names.push(name);
    }
    return names.sort();
  }

  /** A Deno process in the project. */
  command(...args: string[]): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      args,
      cwd: this.dir,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
