import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { begin, type Change, change, type Conversation } from "../../lib/chat/conversation.ts";

const all = (changes: readonly Change[], from: Conversation = begin("Be brief.")) =>
  changes.reduce(change, from);
const asked = (text: string): Change => ({ type: "asked", text });
const answered = (text: string): Change => ({ type: "answered", text });
const again: Change = { type: "asked again" };
const texts = ({ turns }: Conversation) => turns.map(({ text }) => text);

Deno.test("questions and answers are kept in order, each with its side", () => {
  const { turns, system } = all([asked("a"), answered("b"), asked("c")]);
  assertStrictEquals(system, "Be brief.");
  assertEquals(turns, [
    { role: "user", text: "a" },
    { role: "assistant", text: "b" },
    { role: "user", text: "c" },
  ]);
});

Deno.test("a question without an answer is taken back, since no API takes two in a row", () => {
  assertEquals(texts(all([asked("a"), answered("b"), asked("c"), answered("")])), ["a", "b"]);
  assertEquals(texts(all([asked("a"), answered(" \n")])), []);
});

Deno.test("asking again replaces an answer, whole or partial", () => {
  assertEquals(texts(all([asked("a"), answered("half"), again])), ["a"]);
  assertEquals(
    texts(all([asked("a"), answered("b"), asked("c"), answered("d"), again, answered("e")])),
    ["a", "b", "c", "e"],
  );
});

Deno.test("asking again after no answer touches nothing before it, even the same question", () => {
  const changes = [asked("a"), answered("b"), asked("a"), answered(""), again];
  assertEquals(texts(all(changes)), ["a", "b", "a"]);
});

Deno.test("asking again with nothing asked changes nothing", () => {
  assertEquals(change(begin(), again), begin());
});

Deno.test("a new conversation keeps its instructions and forgets the rest", () => {
  assertEquals(all([asked("a"), answered("b"), { type: "forgotten" }]), begin("Be brief."));
  assertEquals(all([{ type: "forgotten" }], begin()), { turns: [] });
});

Deno.test("whatever happens, turns alternate and begin with a question", () => {
  const round = fc.tuple(
    fc.constantFrom<Change>(asked("q"), again, { type: "forgotten" }),
    fc.constantFrom("", " ", "some", "all of it"),
  );
  fc.assert(fc.property(fc.array(round, { maxLength: 30 }), (rounds) => {
    let conversation = begin();
    for (const [what, text] of rounds) {
      conversation = change(conversation, what);
      if (conversation.turns.at(-1)?.role === "user") {
        conversation = change(conversation, answered(text));
      }
      conversation.turns.forEach(({ role, text }, at) => {
        assertStrictEquals(role, at % 2 === 0 ? "user" : "assistant");
        assertNotEquals(text.trim(), "");
      });
    }
  }));
});
