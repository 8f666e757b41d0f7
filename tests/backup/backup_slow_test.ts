import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import { backupStore, secretOf } from "../../lib/backup/backup.ts";
import { restoreStore } from "../../lib/backup/restore.ts";
import { BackupError, checkStore } from "../../lib/backup/sqlite.ts";
import { SCHEMA_VERSION } from "../../lib/store/open.ts";
import { Server } from "../process/server.ts";
import { assertError } from "../assert_error.ts";

async function inFolder(test: (at: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test((name) => join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fill(path: string, entries: Readonly<Record<string, unknown>>): Promise<void> {
  const kv = await Deno.openKv(path);
  for (const [name, value] of Object.entries(entries)) await kv.set([name], value);
  kv.close();
}

async function contents(path: string): Promise<Record<string, unknown>> {
  const kv = await Deno.openKv(path);
  const found: Record<string, unknown> = {};
  for await (const { key, value } of kv.list({ prefix: [] })) found[String(key[0])] = value;
  kv.close();
  return found;
}

const fails = (work: Promise<unknown>, message: RegExp) =>
  assertRejects(() => work).then((error) =>
    assertError(error, (error) => {
      assert(error instanceof BackupError, String(error));
      assertMatch(error.message, message);
      return true;
    })
  );

Deno.test("a backup captures one moment of a database in use", () =>
  inFolder(async (at) => {
    const kv = await Deno.openKv(at("kv.db"));
    for (let n = 0; n < 100; n++) await kv.set(["n", n], n);
    let writing = true;
    // Pairs in one commit: a copy of one moment has both or none.
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        await kv.atomic().set(["a", n], n).set(["b", n], n).commit();
      }
    })();
    const backup = await backupStore(at("kv.db"), at("session-secret"), at("copy.db"));
    writing = false;
    await writer;
    kv.close();
    assertStrictEquals(backup.secretPath, null);
    assertStrictEquals((await Deno.stat(at("copy.db"))).mode! & 0o777, 0o600);
    const copy = await Deno.openKv(at("copy.db"));
    const count = async (prefix: string) =>
      (await Array.fromAsync(copy.list({ prefix: [prefix] }))).length;
    assertStrictEquals(await count("n"), 100);
    assertStrictEquals(await count("a"), await count("b"));
    copy.close();
  }));

Deno.test("a restore brings back the backed-up data and keeps the previous database", () =>
  inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1, two: { deep: [1, 2] } });
    await Deno.writeTextFile(at("session-secret"), "first secret");
    const backup = await backupStore(at("kv.db"), at("session-secret"), at("backups/copy.db"));
    assertStrictEquals(backup.entries, 2);
    assertStrictEquals(await Deno.readTextFile(secretOf(at("backups/copy.db"))), "first secret");

    await fill(at("kv.db"), { three: 3 });
    await Deno.writeTextFile(at("session-secret"), "second secret");
    const restored = await restoreStore(
      at("backups/copy.db"),
      at("kv.db"),
      at("session-secret"),
      "before",
    );
    assertStrictEquals(restored.entries, 2);
    assertEquals(await contents(at("kv.db")), { one: 1, two: { deep: [1, 2] } });
    assertStrictEquals(await Deno.readTextFile(at("session-secret")), "first secret");
    assertEquals(await contents(at("kv.db.before")), {
      one: 1,
      three: 3,
      two: { deep: [1, 2] },
    });
    assertStrictEquals(await Deno.readTextFile(at("session-secret.before")), "second secret");
  }));

Deno.test({
  name: "files restored by root still belong to the server's user",
  // Only root can change the owner of files.
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (at) => {
      const somebody = 65532;
      await fill(at("kv.db"), { one: 1 });
      await Deno.writeTextFile(at("session-secret"), "a secret");
      await backupStore(at("kv.db"), at("session-secret"), at("copy.db"));
      const restored = async (folder: string) => {
        const paths = [at(`${folder}/kv.db`), at(`${folder}/session-secret`)] as const;
        await restoreStore(at("copy.db"), ...paths, "before");
        for (const path of paths) assertStrictEquals((await Deno.stat(path)).uid, somebody, path);
      };
      await Deno.mkdir(at("new"));
      await Deno.chown(at("new"), somebody, somebody);
      await restored("new");
      await Deno.mkdir(at("former"));
      await fill(at("former/kv.db"), { two: 2 });
      await Deno.chown(at("former/kv.db"), somebody, somebody);
      await restored("former");
    }),
});

Deno.test("a backup can be restored without an existing database", () =>
  inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1 });
    await backupStore(at("kv.db"), at("no-secret"), at("copy.db"));
    const restored = await restoreStore(at("copy.db"), at("new/kv.db"), at("new/secret"), "x");
    assertStrictEquals(restored.formerPath, null);
    assertEquals(await contents(at("new/kv.db")), { one: 1 });
  }));

Deno.test("a database in use is not replaced, but one whose process crashed is", () =>
  inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1 });
    await backupStore(at("kv.db"), at("no-secret"), at("copy.db"));
    const kv = await Deno.openKv(at("kv.db"));
    await kv.set(["two"], 2);
    await fails(
      restoreStore(at("copy.db"), at("kv.db"), at("s"), "x"),
      /is in use: stop the server/,
    );
    assertStrictEquals((await kv.get(["two"])).value, 2);
    // A crash leaves the write-ahead log without an open process.
    for (const part of ["", "-wal", "-shm"]) {
      await Deno.copyFile(at("kv.db" + part), at("crashed.db" + part));
    }
    kv.close();
    await restoreStore(at("copy.db"), at("crashed.db"), at("s"), "x");
    assertEquals(await contents(at("crashed.db")), { one: 1 });
    assertEquals(await contents(at("crashed.db.x")), { one: 1, two: 2 });
  }));

Deno.test("a restore replaces the file that a link names, and keeps the link", () =>
  inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1 });
    await Deno.writeTextFile(at("secret"), "first");
    await backupStore(at("kv.db"), at("secret"), at("copy.db"));
    await Deno.mkdir(at("disk"));
    await fill(at("disk/kv.db"), { two: 2 });
    await Deno.writeTextFile(at("disk/secret"), "second");
    for (const name of ["kv.db", "secret"]) {
      await Deno.symlink(at(`disk/${name}`), at(`${name}.link`));
    }
    const restored = await restoreStore(at("copy.db"), at("kv.db.link"), at("secret.link"), "x");
    assertStrictEquals(restored.formerPath, await Deno.realPath(at("disk/kv.db.x")));
    assertEquals(await contents(at("disk/kv.db")), { one: 1 });
    assertEquals(await contents(at("disk/kv.db.x")), { two: 2 });
    for (const [name, secret] of [["disk/secret", "first"], ["disk/secret.x", "second"]] as const) {
      assertStrictEquals(await Deno.readTextFile(at(name)), secret);
    }
    for (const name of ["kv.db", "secret"]) {
      assert((await Deno.lstat(at(`${name}.link`))).isSymlink);
    }
  }));

Deno.test("a restore that cannot keep the former database replaces nothing", () =>
  inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1 });
    await Deno.writeTextFile(at("secret"), "first");
    await backupStore(at("kv.db"), at("secret"), at("copy.db"));
    await fill(at("kv.db"), { two: 2 });
    await Deno.writeTextFile(at("secret"), "second");
    await Deno.writeTextFile(at("kv.db.x"), "of an earlier restore");
    await fails(restoreStore(at("copy.db"), at("kv.db"), at("secret"), "x"), /kv\.db\.x exists/);
    assertEquals(await contents(at("kv.db")), { one: 1, two: 2 });
    assertStrictEquals(await Deno.readTextFile(at("secret")), "second");
    assertStrictEquals(await Deno.readTextFile(at("kv.db.x")), "of an earlier restore");
    const left = [...Deno.readDirSync(at("."))].filter(({ name }) => /unfinished/.test(name));
    assertEquals(left, []);
  }));

Deno.test("a secret that cannot be copied leaves no file that looks like a backup", () =>
  inFolder(async (at) => {
    const names = () =>
      [...Deno.readDirSync(at("."))].map(({ name }) => name)
        .filter((name) => !/-(?:wal|shm)$/.test(name)).toSorted();
    await fill(at("kv.db"), { one: 1 });
    // Like a full disk, this fails once the copy's file exists.
    await Deno.mkdir(at("secret"));
    const before = names();
    await assertRejects(() => backupStore(at("kv.db"), at("secret"), at("copy.db")));
    assertEquals(names(), before);
    await backupStore(at("kv.db"), at("none"), at("copy.db"));
    await Deno.writeTextFile(secretOf(at("copy.db")), "first");
    const both = names();
    await assertRejects(() => restoreStore(at("copy.db"), at("kv.db"), at("secret"), "x"));
    assertEquals(names(), both);
    assertEquals(await contents(at("kv.db")), { one: 1 });
  }));

Deno.test("nothing is overwritten, and an invalid backup is rejected first", () =>
  inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1 });
    await backupStore(at("kv.db"), at("s"), at("copy.db"));
    await fails(backupStore(at("kv.db"), at("s"), at("copy.db")), /exists: name a new file/);
    await fails(backupStore(at("none.db"), at("s"), at("x.db")), /no database at/);
    await fails(restoreStore(at("none.db"), at("kv.db"), at("s"), "x"), /no backup at/);

    await Deno.writeTextFile(at("text.db"), "not a database, however long this text may be");
    await fails(restoreStore(at("text.db"), at("kv.db"), at("s"), "x"), /cannot be used as a data/);
    const bytes = await Deno.readFile(at("copy.db"));
    bytes.fill(0xff, 3 * 4096, 6 * 4096);
    await Deno.writeFile(at("damaged.db"), bytes);
    await fails(restoreStore(at("damaged.db"), at("kv.db"), at("s"), "x"), /./);
    assertEquals(await contents(at("kv.db")), { one: 1 });
    assertEquals(
      [...Deno.readDirSync(at("."))].map(({ name }) => name).filter((name) =>
        /unfinished|\.x$/.test(name)
      ),
      [],
    );
  }));

for (const layout of [SCHEMA_VERSION + 1, 1000, "2", { version: 1 }, new Deno.KvU64(1n)]) {
  Deno.test(`a backup in layout ${Deno.inspect(layout)} is rejected before anything is replaced`, () =>
    inFolder(async (at) => {
      await fill(at("new.db"), { schema: layout, one: 1 });
      await Deno.writeTextFile(at("new-secret"), "new secret");
      await backupStore(at("new.db"), at("new-secret"), at("copy.db"));
      await fill(at("kv.db"), { schema: SCHEMA_VERSION, two: 2 });
      await Deno.writeTextFile(at("secret"), "secret");
      const names = () =>
        [...Deno.readDirSync(at("."))].map(({ name }) => name)
          .filter((name) => !/-(?:wal|shm)$/.test(name)).toSorted();
      const before = names();
      await fails(
        restoreStore(at("copy.db"), at("kv.db"), at("secret"), "x"),
        /The backup has .*Nothing was replaced/,
      );
      assertEquals(names(), before);
      assertEquals(await contents(at("kv.db")), { schema: SCHEMA_VERSION, two: 2 });
      assertStrictEquals(await Deno.readTextFile(at("secret")), "secret");
    }));
}

Deno.test("a backup in this layout or an older one is restored", () =>
  inFolder(async (at) => {
    for (const layout of [1, SCHEMA_VERSION]) {
      await fill(at(`${layout}.db`), { schema: layout });
      await restoreStore(at(`${layout}.db`), at("kv.db"), at("secret"), `before-${layout}`);
      assertEquals(await contents(at("kv.db")), { schema: layout });
    }
  }));

Deno.test("a sound store passes the check; another database fails it", () =>
  inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1, two: 2 });
    assertStrictEquals(checkStore(at("kv.db")), 2);
    const { DatabaseSync } = await import("node:sqlite");
    const other = new DatabaseSync(at("other.db"));
    other.exec("create table things (id)");
    other.close();
    assertMatch(String(assertThrows(() => checkStore(at("other.db")))), /not one of Deno KV/);
  }));

async function task(name: string, args: readonly string[], kvPath: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", name, ...args],
    cwd: join(import.meta.dirname!, "..", ".."),
    env: { KV_PATH: kvPath, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("the commands move a running server's history to another machine", async () => {
  await using server = await Server.start({ SANDBOX_SPEED: "100" });
  await inFolder(async (at) => {
    const created = await fetch(`${server.url}/api/v1/tasks/runs`, {
      method: "POST",
      headers: { "x-api-key": "sandbox-backup", "content-type": "application/json" },
      body: JSON.stringify({ input: "Worth keeping?", processor: "lite" }),
    });
    const { run_id } = await created.json();
    const events = `/api/v1/tasks/runs/${run_id}/events`;
    const headers = { "x-api-key": "sandbox-backup" };
    const trace = await (await fetch(server.url + events, { headers })).text();

    const backup = await task("backup", [at("copy.db")], server.kvPath);
    assertStrictEquals(backup.code, 0, backup.err);
    assertMatch(backup.out, /copy\.db: \d+ entries, \d+ bytes/);
    assertMatch(backup.out, /the session secret/);

    const refused = await task("restore", [at("copy.db")], server.kvPath);
    assertStrictEquals(refused.code, 1);
    assertMatch(refused.err, /is in use: stop the server/);

    const restored = await task("restore", [at("copy.db")], at("elsewhere/kv.db"));
    assertStrictEquals(restored.code, 0, restored.err);
    await using other = await Server.start({ KV_PATH: at("elsewhere/kv.db") });
    const again = await fetch(other.url + events, { headers });
    assertStrictEquals(again.status, 200);
    assertStrictEquals(await again.text(), trace);
  });
  await inFolder(async (at) => {
    await fill(at("kv.db"), { one: 1 });
    const nowhere = await task("backup", [at("kv.db/copy.db")], at("kv.db"));
    assertStrictEquals(nowhere.code, 1);
    assertMatch(nowhere.err, /^(?:.*\n)?[^\n]*not a directory[^\n]*\n$/i);
  });
  const remote = await task("backup", [], "https://kv.example/connect");
  assertStrictEquals(remote.code, 1);
  assertMatch(remote.err, /KV_PATH is not a local file/);
});
