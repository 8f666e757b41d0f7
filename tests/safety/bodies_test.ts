/** What the bodies of requests take of the memory together. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";
import { HeldBytes } from "../../lib/limits/held.ts";

const MIB = 1024 * 1024;

const infoOf = (hostname: string): Deno.ServeHandlerInfo => ({
  remoteAddr: { transport: "tcp", hostname, port: 51234 },
  completed: Promise.resolve(),
});

/** A request whose body arrives when the test says so. */
function arriving(
  app: TestApp,
  path: string,
  from: string,
  length: number | null,
  type = "multipart/form-data; boundary=x",
) {
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      end = () => controller.close();
    },
  });
  const request = new Request(ORIGIN + path, {
    method: "POST",
    body,
    headers: {
      origin: ORIGIN,
      "sec-fetch-site": "same-origin",
      "content-type": type,
      ...length === null ? {} : { "content-length": String(length) },
    },
  });
  return { end: () => end(), response: app.handle(request, infoOf(from)) };
}

type Arriving = ReturnType<typeof arriving>;

async function allOf(sent: readonly Arriving[]): Promise<void> {
  for (const { end } of sent) end();
  for (const { response } of sent) assert((await response).status !== 429);
}

for (const length of [20 * MIB, null]) {
  const name = length === null ? "of unknown length" : "of 20 MiB";
  Deno.test(`tables ${name} that arrive at once are refused beyond a share of the memory`, () =>
    withApp(async (app) => {
      app.services.limits.bodies.limits = { perAddress: 64 * MIB, inAll: 192 * MIB };
      const send = (from: string) => arriving(app, "/batches/preview", from, length);
      const sent = [1, 2, 3].map(() => send("203.0.113.1"));
      const refused = await send("203.0.113.1").response;
      assertStrictEquals(refused.status, 429);
      assertStrictEquals(refused.headers.get("retry-after"), "5");
      assertMatch(await refused.text(), /Too many large requests.*Send it again in a few seconds/);
      for (const at of [2, 3, 4]) sent.push(send(`203.0.113.${at}`), send(`203.0.113.${at}`));
      assertStrictEquals((await send("203.0.113.9").response).status, 429);
      // Forms of a usual size arrive all the same.
      const form = arriving(app, "/theme", "203.0.113.1", 30, "application/x-www-form-urlencoded");
      form.end();
      assert((await form.response).status < 400);
      await allOf(sent);
      // The room is free again.
      await allOf([send("203.0.113.1")]);
    }));
}

Deno.test("a program is refused in the API's format, and may repeat the request", () =>
  withApp(async (app) => {
    app.services.limits.bodies.limits = { perAddress: 16 * MIB, inAll: 192 * MIB };
    const path = "/api/v1/tasks/groups/tgrp_1/runs";
    const send = () => arriving(app, path, "203.0.113.1", null, "application/json");
    const sent = [send(), send()];
    const refused = await send().response;
    assertStrictEquals(refused.status, 429);
    assertStrictEquals(refused.headers.get("x-should-retry"), null);
    const { type, error } = await refused.json();
    assertStrictEquals(type, "error");
    assertMatch(error.message, /Too many large requests/);
    await allOf(sent);
  }));

Deno.test("a network has twice the room of an address, and the first bytes always have room", () => {
  const held = new HeldBytes({ perAddress: 10, inAll: 100 });
  const places: readonly (readonly [address: string, bytes: number, hasRoom: boolean])[] = [
    ["2001:db8:7:1::/64", 11, true],
    ["2001:db8:7:1::/64", 1, false],
    ["2001:db8:7:2::/64", 9, true],
    ["2001:db8:7:3::/64", 1, false],
    ["2001:db8:8:3::/64", 10, true],
    ["192.0.2.1", 10, true],
  ];
  for (const [address, bytes, hasRoom] of places) {
    assertEquals([address, held.hasRoom(address, bytes)], [address, hasRoom]);
    if (hasRoom) held.add(address, bytes);
  }
  for (const [address, bytes, hasRoom] of places) if (hasRoom) held.add(address, -bytes);
  for (const [address] of places) assert(held.hasRoom(address, 10));
});
