/** A page that loads itself anew leaves a reader alone who is going elsewhere. */
import { assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { watchDeparture } from "../../components/live_stream.ts";

Deno.test("a page loads itself at once, or after a departure only if its reader is still there", () => {
  let ms = 5;
  let planned: (() => void) | null = null;
  const loads: number[] = [];
  using _ = stub(performance, "now", () => ms);
  using __ = stub(
    globalThis,
    "setTimeout",
    ((call: (load: unknown) => void, waitMs: number, load: unknown) => {
      planned = () => {
        ms += waitMs;
        call(load);
      };
      return 0;
    }) as typeof setTimeout,
  );
  const left = new AbortController();
  const reload = watchDeparture(left.signal);
  const load = () => loads.push(ms);
  reload(load);
  assertEquals([loads, planned], [[5], null]);

  ms = 1_000;
  dispatchEvent(new Event("beforeunload"));
  ms = 1_400;
  reload(load);
  assertEquals(loads, [5], "the link's page may still come");
  planned!();
  assertEquals(loads, [5, 11_000], "it was a download");
  left.abort();
});
