/** Streams that are open during a store outage. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { AWAY, leaky, scriptedApi, withApps } from "./far_apps.ts";

/** Reads a stream until the received text matches. */
function follow(response: Response) {
  assertStrictEquals(response.status, 200);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const seen = { text: "" };
  return {
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(seen.text)) {
        const { done, value } = await reader.read();
        assert(!done, `The stream ended after ${seen.text}`);
        seen.text += value;
      }
      return seen.text;
    },
    end: () => reader.cancel(),
  };
}

for (const fault of ["gone", "refuse"] as const) {
  Deno.test(
    `open streams report that the store is away (${fault}), and resume`,
    leaky,
    async () => {
      const script = scriptedApi();
      await withApps(2, async (store, first, second) => {
        const browser = await first.browser().enterKey();
        const id = await browser.createTask(), over = await browser.createTask();
        script.say(over, "long ago");
        script.end(over);
        await browser.events(over);
        await browser.post(`/tasks/${id}/share`, {});
        const share = /\/s\/[\w-]{43}/.exec(await browser.text(`/tasks/${id}`))?.[0] ?? "";
        const other = await second.browser().enterKey();
        script.say(id, "one");
        const path = `/api/v1/tasks/runs/${id}/events`;
        const runs = [
          ["where it is recorded", follow(await browser.fetch(path))],
          ["on another instance", follow(await other.fetch(path))],
          ["shared", follow(await first.browser().fetch(`${share}/events`))],
          ["shared, on another instance", follow(await second.browser().fetch(`${share}/events`))],
        ] as const;
        const list = follow(await browser.fetch("/tasks/events"));
        const replay = follow(await browser.fetch(`/api/v1/tasks/runs/${over}/events`));
        for (const [, run] of runs) await run.until(/"one"/);
        await list.until(/^id: /);
        if (fault === "gone") store.down();
        else store.change({ refuseAll: true });
        for (const [, run] of runs) await run.until(AWAY);
        await list.until(AWAY);
        script.say(id, "two");
        if (fault === "gone") store.up();
        else store.change({ refuseAll: false });
        for (const [, run] of runs) await run.until(/^: still here$/m);
        await list.until(/^: still here$/m);
        script.say(id, "three");
        script.end(id);
        for (const [which, run] of runs) {
          const text = await run.until(/event: task_run\.state\n.*completed.*\n\n/);
          const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
          assertEquals(ids, ids.map((_, n) => n + 1), which);
          const words = [...text.matchAll(/"message":"(\w+)"/g)].map(([, word]) => word);
          assertEquals(words, ["one", "two", "three"], which);
        }
        await list.until(/"status":"completed"/);
        await replay.until(/event: task_run\.state\n.*completed.*\n\n/);
        for (const stream of [...runs.map(([, run]) => run), list, replay]) await stream.end();
      }, { config: { api: script.api } });
    },
  );
}
