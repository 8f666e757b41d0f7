/** Real processes on one file: one is killed before a receiver has responded. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { Random } from "../campaign/random.ts";
import { Receiver } from "../notify/receiver.ts";
import { Server } from "./server.ts";

/** A browser's requests to whichever process is up. */
class Visitor {
  #cookie = "";

  async post(url: string, path: string, fields: Record<string, string>): Promise<Response> {
    const response = await fetch(url + path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { origin: url, cookie: this.#cookie },
      redirect: "manual",
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie?.startsWith("taskstream=")) this.#cookie = cookie.split(";")[0]!;
    return response;
  }

  async create(url: string): Promise<string> {
    const response = await this.post(url, "/tasks", {
      input: "Who built the Eiffel Tower?",
      input_format: "text",
      processor: "lite",
      output_type: "auto",
    });
    await response.body?.cancel();
    return response.headers.get("location")!.slice("/tasks/".length);
  }
}

Deno.test("when a process dies before its receiver answers, another resends with the same ID and nothing else twice", async () => {
  await using receiver = new Receiver();
  const hung = Promise.withResolvers<Response>();
  receiver.answer = (n) => n === 0 ? hung.promise : new Response("ok");
  const env = { NOTIFY_ALLOW: "127.0.0.1", SANDBOX_SPEED: "100" };
  await using one = await Server.start(env);
  await using two = await one.twin();
  const visitor = new Visitor();
  await (await visitor.post(one.url, "/auth/sandbox", { next: "/" })).body?.cancel();
  const added = await visitor.post(one.url, "/account/notifications", {
    act: "add",
    url: `${receiver.url}/hook`,
    every_run: "yes",
  });
  const [signing] = /whsec_[\w+/=]+/.exec(await added.text()) ?? [];
  assert(signing !== undefined, "the secret is shown");
  const first = await visitor.create(one.url);
  await receiver.until(1);
  await one.stop("SIGKILL");
  const [before, again] = await receiver.until(2);
  hung.resolve(new Response("too late"));
  assertStrictEquals(again!.headers.get("webhook-id"), before!.headers.get("webhook-id"));
  assertEquals(receiver.json(1).id, first);
  const second = await visitor.create(two.url);
  await receiver.until(3);
  await one.start();
  const third = await visitor.create(one.url);
  await receiver.until(4);
  assertEquals([2, 3].map((n) => receiver.json(n).id), [second, third]);
  for (const { body, headers } of receiver.arrived) {
    new Webhook(signing).verify(body, Object.fromEntries(headers));
  }
  // Both shut down normally, after delivering their notifications.
  await Promise.all([one.stop(), two.stop()]);
  assertStrictEquals(receiver.arrived.length, 4);
});

const ROUNDS = 5;

Deno.test(`a process is killed around a notification's response, ${ROUNDS} times: each arrives with one ID, repeated at most once per kill`, async () => {
  await using receiver = new Receiver();
  const env = { NOTIFY_ALLOW: "127.0.0.1", SANDBOX_SPEED: "100" };
  await using one = await Server.start(env);
  await using two = await one.twin();
  const visitor = new Visitor();
  await (await visitor.post(one.url, "/auth/sandbox", { next: "/" })).body?.cancel();
  const fields = { act: "add", url: `${receiver.url}/hook`, every_run: "yes" };
  await (await visitor.post(one.url, "/account/notifications", fields)).body?.cancel();
  const random = new Random(18), runs: string[] = [];
  const arrivals = (runId: string) => {
    const all = receiver.arrived.map(({ headers }, n) => ({ headers, ...receiver.json(n) }));
    return all.filter((each) => "id" in each && each.id === runId);
  };
  for (let round = 0; round < ROUNDS; round++) {
    const server = round % 2 === 0 ? one : two;
    const runId = await visitor.create(server.url);
    runs.push(runId);
    while (arrivals(runId).length === 0) await receiver.until(receiver.arrived.length + 1);
    // The answer is on its way: before it is stored, or not long after.
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 30)));
    await server.stop("SIGKILL");
    await server.start();
  }
  const kv = await Deno.openKv(one.kvPath);
  try {
    while ((await Array.fromAsync(kv.list({ prefix: ["outbox"] }, { limit: 1 }))).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    kv.close();
  }
  let repeats = 0;
  for (const runId of runs) {
    const ids = arrivals(runId).map(({ headers }) => headers.get("webhook-id"));
    assert(ids.length >= 1, `${runId} did not arrive`);
    assertStrictEquals(new Set(ids).size, 1);
    repeats += ids.length - 1;
  }
  assert(repeats <= ROUNDS, `${repeats}`);
});
