/** Undo and redo in the schema editor, one step at a time. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  edit,
  type Edits,
  finishTyping,
  redo,
  startEdits,
  undo,
} from "../../components/form/live/undo.ts";

const typed = (edits: Edits, ...texts: string[]) =>
  texts.reduce((all, text) => edit(all, text, true), edits);

Deno.test("manual typing is its own undo step and can be redone", () => {
  let edits = edit(startEdits("a"), "template", false);
  edits = typed(edits, "template b", "template by", "template by hand");
  edits = undo(edits);
  assertStrictEquals(edits.now, "template");
  edits = redo(edits);
  assertStrictEquals(edits.now, "template by hand");
  edits = undo(undo(edits));
  assertStrictEquals(edits.now, "a");
  assertStrictEquals(undo(edits).now, "a");
  assertStrictEquals(redo(redo(redo(edits))).now, "template by hand");
});

Deno.test("what is typed after the field was left is a step of its own", () => {
  const first = finishTyping(typed(startEdits(""), "x", "xy"));
  const edits = typed(first, "xyz");
  assertStrictEquals(undo(edits).now, "xy");
  assertStrictEquals(undo(undo(edits)).now, "");
});

Deno.test("undoing a row's change after typing restores the typed text", () => {
  const edits = edit(typed(startEdits(""), "x", "xy"), "rows", false);
  assertStrictEquals(undo(edits).now, "xy");
  assertStrictEquals(undo(undo(edits)).now, "");
});

Deno.test("a new change clears the redo history", () => {
  const edits = edit(undo(edit(startEdits("a"), "b", false)), "c", false);
  assertEquals(edits.future, []);
  assertStrictEquals(redo(edits).now, "c");
  assertStrictEquals(undo(edits).now, "a");
});

Deno.test("the undo history is limited", () => {
  let edits = startEdits("0");
  for (let n = 1; n <= 200; n++) edits = edit(edits, `${n}`, false);
  for (let n = 1; n <= 200; n++) edits = undo(edits);
  assertStrictEquals(edits.now, "150");
});
