/** Undo of the schema editor goes back one step, whatever hand made it, and forward again. */
import assert from "node:assert/strict";
import { edit, type Edits, redo, startEdits, undo } from "../../components/form/live/undo.ts";

const typed = (edits: Edits, ...texts: string[]) =>
  texts.reduce((all, text) => edit(all, text, true), edits);

Deno.test("what was typed by hand is a step of its own, and comes back by redo", () => {
  let edits = edit(startEdits("a"), "template", false);
  edits = typed(edits, "template b", "template by", "template by hand");
  edits = undo(edits);
  assert.equal(edits.now, "template");
  edits = redo(edits);
  assert.equal(edits.now, "template by hand");
  edits = undo(undo(edits));
  assert.equal(edits.now, "a");
  assert.equal(undo(edits).now, "a");
  assert.equal(redo(redo(redo(edits))).now, "template by hand");
});

Deno.test("a row's change after typing goes back to what was typed", () => {
  const edits = edit(typed(startEdits(""), "x", "xy"), "rows", false);
  assert.equal(undo(edits).now, "xy");
  assert.equal(undo(undo(edits)).now, "");
});

Deno.test("a new change ends what could be redone", () => {
  const edits = edit(undo(edit(startEdits("a"), "b", false)), "c", false);
  assert.deepEqual(edits.future, []);
  assert.equal(redo(edits).now, "c");
  assert.equal(undo(edits).now, "a");
});

Deno.test("a past has an end", () => {
  let edits = startEdits("0");
  for (let n = 1; n <= 200; n++) edits = edit(edits, `${n}`, false);
  for (let n = 1; n <= 200; n++) edits = undo(edits);
  assert.equal(edits.now, "150");
});
