/** Processes on one file: locks that the system releases show which are alive. */
import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { basename, dirname, join } from "node:path";
import { LocalOwner } from "../../lib/store/owners.ts";

const MODULE = new URL("../../lib/store/owners.ts", import.meta.url).href;

/** Another process that holds its lock until it is killed. */
async function otherProcess(kvPath: string) {
  const script = `import { LocalOwner } from ${JSON.stringify(MODULE)};
    console.log(LocalOwner.open(Deno.args[0]).id);
    await new Promise(() => setInterval(() => {}, 1000));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", script, kvPath],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  return {
    id: new TextDecoder().decode(value).trim(),
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}

async function withFolder(test: (kvPath: string, files: () => string[]) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "kv.db"), () => [...Deno.readDirSync(folder)].map(({ name }) => name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a process counts as gone exactly from the moment it is killed", () =>
  withFolder(async (kvPath, files) => {
    const own = LocalOwner.open(kvPath)!;
    const other = await otherProcess(kvPath);
    assertNotEquals(other.id, own.id);
    assertEquals([own.isGone(own.id), own.isGone(other.id)], [false, false]);
    assertStrictEquals(files().length, 2);
    await other.kill();
    assertEquals([own.isGone(own.id), own.isGone(other.id)], [false, true]);
    // The next process to start cleans up. Removed files stay removed.
    const next = LocalOwner.open(kvPath)!;
    assertStrictEquals(files().length, 2);
    assertEquals([next.isGone(other.id), next.isGone(own.id)], [true, false]);
    own.close();
    assertStrictEquals(next.isGone(own.id), true);
    next.close();
    assertEquals(files(), []);
  }));

Deno.test("a process that opened the file by another name counts as alive", () =>
  withFolder(async (kvPath) => {
    await Deno.writeTextFile(kvPath, "");
    const elsewhere = await Deno.makeTempDir();
    try {
      const link = join(elsewhere, "linked.db"), folder = join(elsewhere, "folder");
      await Deno.symlink(kvPath, link);
      await Deno.symlink(dirname(kvPath), folder);
      const owners = [kvPath, link, join(folder, basename(kvPath))]
        .map((path) => LocalOwner.open(path)!);
      for (const one of owners) {
        for (const other of owners) assertStrictEquals(one.isGone(other.id), false);
      }
      owners[1]!.close();
      assertStrictEquals(owners[0]!.isGone(owners[1]!.id), true);
      for (const owner of [owners[0]!, owners[2]!]) owner.close();
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
    }
  }));

Deno.test("the death of another process is detected within a second or two, once", () =>
  withFolder(async (kvPath) => {
    const own = LocalOwner.open(kvPath)!;
    const other = await otherProcess(kvPath);
    let calls = 0;
    const died = Promise.withResolvers<void>();
    own.onDeath(() => {
      calls++;
      died.resolve();
    });
    await other.kill();
    await died.promise;
    own.close();
    assertStrictEquals(calls, 1);
  }));

Deno.test("names without a lock beside this file reveal nothing", () =>
  withFolder((kvPath) => {
    const own = LocalOwner.open(kvPath)!;
    for (const id of ["", "one", crypto.randomUUID(), "local-", "local-../../etc/passwd"]) {
      assertStrictEquals(own.isGone(id), false, id);
    }
    assertStrictEquals(own.isGone(`local-${crypto.randomUUID()}`), true, "its file was removed");
    own.close();
    return Promise.resolve();
  }));

for (
  const kvPath of [
    null,
    ":memory:",
    "https://kv.example/x",
    "http://127.0.0.1:4512",
    "/proc/none/kv.db",
  ]
) {
  Deno.test(`without a lock beside ${kvPath} only leases decide`, () => {
    assertStrictEquals(LocalOwner.open(kvPath), null);
  });
}
