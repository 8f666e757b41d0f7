/** Apps on one file notify each other of writes at once. The test plays the other process. */
import { assert, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { TestApp } from "./test_app.ts";

/** A run that goes on for longer than any test. */
const LONG = { processor: "pro", metadata: '{"sandbox_seconds": 86400}' };

async function withAppOnFile(test: (app: TestApp, kvPath: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const kvPath = join(folder, "taskstream.db");
  const app = await TestApp.start({ config: { kvPath } });
  try {
    await test(app, kvPath);
  } finally {
    await app.close();
    const left = [...Deno.readDirSync(folder)].filter(({ name }) => /wake-|owner-/.test(name));
    await Deno.remove(folder, { recursive: true });
    assertStrictEquals(left.length, 0, "a closed app leaves no lock and no socket");
  }
}

/** Reads a connection until a text has occurred this many times. */
async function heard(connection: Deno.UnixConn, text: string, times: number): Promise<void> {
  const bytes = new Uint8Array(4_096), decoder = new TextDecoder();
  for (let all = ""; all.split(text).length - 1 < times;) {
    const size = await connection.read(bytes);
    assert(size !== null, `The app hung up after: ${all}`);
    all += decoder.decode(bytes.subarray(0, size), { stream: true });
  }
}

Deno.test("a new run of an account is announced to a process that follows its list", () =>
  withAppOnFile(async (app, kvPath) => {
    const browser = await app.browser().enterKey("sandbox-wakeups-1");
    const session = await app.services.sessions.find(browser.cookies.get("taskstream") ?? "");
    assert(session !== null);
    const [socket] = [...Deno.readDirSync(join(kvPath, ".."))].filter(({ name }) =>
      name.startsWith("taskstream.db.wake-")
    );
    assert(socket !== undefined);
    using connection = await Deno.connect({
      transport: "unix",
      path: join(kvPath, "..", socket.name),
    });
    const name = JSON.stringify(["changes", session.account]);
    await connection.write(new TextEncoder().encode(`+${name}\n`));
    // The first is the answer.
    await heard(connection, name, 1);
    await browser.createTask(LONG);
    await heard(connection, name, 1);
  }));

Deno.test("an app with an open list asks other processes for changes to it", () =>
  withAppOnFile(async (app, kvPath) => {
    using listener = Deno.listen({ transport: "unix", path: `${kvPath}.wake-00000000` });
    const browser = await app.browser().enterKey("sandbox-wakeups-2");
    const list = await browser.fetch("/tasks/events");
    assert(list.body !== null);
    {
      using connection = await listener.accept();
      await heard(connection, '+["change', 1);
    }
    await list.body.cancel();
  }));
