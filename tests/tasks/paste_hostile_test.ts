/** Pasted texts that are made to take long: a server goes on with other requests meanwhile. */
import { assert, assertEquals } from "@std/assert";
import { readPaste, readPasteInTurns } from "../../lib/tasks/paste/mod.ts";

const REQUEST = '{"input":"x","processor":"lite"}';
const CHARS = 60_000;

/** A text of one part again and again, between others. */
const repeated = (before: string, part: string, after: string) =>
  before + part.repeat((CHARS - before.length - after.length) / part.length) + after;

const TEXTS = [
  ["nested members", repeated("client.task_run.create(input=", "{a:", REQUEST)],
  ["nested calls", repeated("", "dict(a=", ' processor="lite")')],
  ["nested variables", repeated("curl https://api.example/ -d ", "${", REQUEST)],
  ["open brackets", repeated("requests.post(url, json={'input': ", "([{", REQUEST)],
] as const;

for (const [name, text] of TEXTS) {
  Deno.test(`a paste of ${name} lets other work go on`, async () => {
    let isOver = false, turns = 0;
    const reading = readPasteInTurns(text, { keepHeaders: false }).finally(() => isOver = true);
    for (; !isOver; turns++) await new Promise((resolve) => setTimeout(resolve));
    assert(turns > 3, `${turns} turns`);
    assertEquals(await reading, readPaste(text, { keepHeaders: false }));
  });
}

Deno.test("a line of very many here-documents is read", () => {
  const text = repeated("curl https://api.example/ -d @- ", "<<EOF | cat ", `\n${REQUEST}\nEOF\n`);
  assert(readPaste(text, { keepHeaders: false }));
});
