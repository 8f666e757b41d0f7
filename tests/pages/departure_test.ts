/** A page that loads itself anew leaves a reader alone who is going elsewhere, and stays while there is no network. */
import { assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { watchDeparture } from "../../components/live_stream.ts";

/** Lets what was asked of the server be answered. */
const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

Deno.test("a page loads itself once the server answers, or after a departure only if its reader is still there", async () => {
  let ms = 5;
  let planned: (() => void) | null = null;
  let answer = (): Promise<Response> => Promise.resolve(new Response());
  const loads: number[] = [];
  using _ = stub(Date, "now", () => ms);
  using __ = stub(
    globalThis,
    "setTimeout",
    ((call: (...given: unknown[]) => void, waitMs: number, ...given: unknown[]) => {
      planned = () => {
        ms += waitMs;
        call(...given);
      };
      return 0;
    }) as typeof setTimeout,
  );
  using ___ = stub(globalThis, "fetch", () => answer());
  const left = new AbortController();
  const reload = watchDeparture(left.signal);
  const load = () => loads.push(ms);
  reload(load);
  await settled();
  assertEquals([loads, planned], [[5], null]);

  ms = 1_000;
  dispatchEvent(new Event("beforeunload"));
  ms = 1_400;
  reload(load);
  await settled();
  assertEquals(loads, [5], "the link's page may still come");
  while (ms < 11_000) {
    planned!();
    await settled();
  }
  assertEquals(loads, [5, 11_400], "it was a download");

  answer = () => {
    dispatchEvent(new Event("beforeunload"));
    return Promise.resolve(new Response());
  };
  reload(load);
  await settled();
  assertEquals(loads.length, 2, "the reader followed a link while the server answered");
  ms += 11_000;

  let away = 0;
  for (
    const failure of [
      () => Promise.reject(new TypeError()),
      () => Promise.resolve(new Response(null, { status: 502 })),
    ]
  ) {
    answer = failure;
    reload(load, () => away++);
    await settled();
  }
  assertEquals([loads.length, away], [2, 2], "the browser would show its own page");
  answer = () => Promise.resolve(new Response());
  planned!();
  await settled();
  assertEquals([loads.length, away], [3, 2]);
  left.abort();
});
