/** A notification about a watch has the title of its run, if the account still has the run. */
import { assertEquals } from "@std/assert";
import { Sender, type SenderContext } from "../../lib/notify/sender.ts";
import type { OutboxItem, StoredTarget } from "../../lib/notify/store.ts";
import { noticeOf, OK } from "./world.ts";

Deno.test("a title that belongs to a run is read on sending, and is not part of the message otherwise", async () => {
  const bodies: Record<string, unknown>[] = [];
  let title: string | null = "Who leads it?";
  const { content, ...notice } = noticeOf("one");
  const context: Partial<SenderContext> = {
    keyring: { seal: (text) => Promise.resolve(text), open: (text) => Promise.resolve(text) },
    now: () => 0,
    outgoing: {
      check: () => ({ ok: false, why: "" }),
      post: ({ body }) => {
        bodies.push(JSON.parse(new TextDecoder().decode(new TextEncoder().encode(String(body)))));
        return Promise.resolve(OK);
      },
    },
    publicUrl: "https://tasks.example",
    pushContact: null,
    describe: {
      run: () => Promise.resolve(title === null ? null : { ...content, title }),
      batch: () => Promise.resolve(null),
    },
  };
  const sender = new Sender(context as SenderContext);
  const item: Partial<OutboxItem> = {
    notice: { ...notice, content: { ...content, title: "A watched result", title_of: "trun_1" } },
  };
  const target: Partial<StoredTarget> = {
    kind: "json",
    sealed: JSON.stringify({ url: "https://a.example/" }),
    origin: "https://tasks.example",
  };
  const place = { account: "a", target: "t", notice: "one" };
  const send = () => sender.send(place, item as OutboxItem, target as StoredTarget);
  await send();
  title = null;
  await send();
  assertEquals(bodies.map(({ title, title_of }) => [title, title_of]), [
    ["Who leads it?", undefined],
    ["A watched result", undefined],
  ]);
});
