/** Undo and redo for a tool, for changes by the tool and by typing. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { FILLED } from "../fill.ts";
import { type Field, useField } from "./field.ts";

/** Steps that can be undone. */
const DEPTH = 50;

/** A text with the texts before and after it. */
export interface Edits {
  readonly past: readonly string[];
  readonly now: string;
  readonly future: readonly string[];
  /** The last change was typed: more typing belongs to the same step. */
  readonly typing: boolean;
}

/** A text without history. */
export function startEdits(now: string): Edits {
  return { past: [], now, future: [], typing: false };
}

/** Records a change. Typing is one step until it is finished. */
export function edit(edits: Edits, next: string, typing: boolean): Edits {
  if (next === edits.now) return edits;
  const past = typing && edits.typing ? edits.past : [...edits.past, edits.now].slice(-DEPTH);
  return { past, now: next, future: [], typing };
}

/** Ends a step of typing: what is typed later is another one. */
export function finishTyping(edits: Edits): Edits {
  return { ...edits, typing: false };
}

/** One step back, if there is one. */
export function undo({ past, now, future, ...rest }: Edits): Edits {
  const before = past.at(-1);
  if (before === undefined) return { past, now, future, ...rest };
  return { past: past.slice(0, -1), now: before, future: [now, ...future], typing: false };
}

/** One step forward, if there is one. */
export function redo({ past, now, future, ...rest }: Edits): Edits {
  const [after, ...later] = future;
  if (after === undefined) return { past, now, future, ...rest };
  return { past: [...past, now], now: after, future: later, typing: false };
}

/** The field's text with undo and redo. Filling the form with another task starts a new history. */
export function useEdits(field: Field) {
  const [text, setText] = useField(field);
  const edits = useRef(startEdits(text));
  const [task, setTask] = useState(0);
  useLayoutEffect(() => {
    // Changes by the tool are recorded already: this records typing.
    const read = () => {
      edits.current = edit(edits.current, field.value, true);
    };
    const begin = () => {
      edits.current = startEdits(field.value);
      setTask((task) => task + 1);
    };
    const finish = () => {
      edits.current = finishTyping(edits.current);
    };
    const { form } = field;
    field.addEventListener("input", read);
    field.addEventListener("change", finish);
    form?.addEventListener(FILLED, begin);
    return () => {
      field.removeEventListener("input", read);
      field.removeEventListener("change", finish);
      form?.removeEventListener(FILLED, begin);
    };
  }, [field]);
  const go = (next: Edits) => {
    edits.current = next;
    setText(next.now);
  };
  return {
    text,
    /** Changes when the form is filled with another task. */
    task,
    change: (next: string) => go(edit(edits.current, next, false)),
    undo: edits.current.past.length > 0 ? () => go(undo(edits.current)) : null,
    redo: edits.current.future.length > 0 ? () => go(redo(edits.current)) : null,
  };
}
