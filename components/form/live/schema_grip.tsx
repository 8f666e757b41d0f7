/** Moves a field of the sheet: the handle of its row, and buttons. */
import { useRef } from "preact/hooks";
import type { JsonObject } from "../../../lib/base/mod.ts";
import { type FieldRow, moveField } from "../../../lib/tasks/schema/mod.ts";
import { Icon } from "../../ui/Icon.tsx";

interface GripProps {
  readonly schema: JsonObject;
  readonly onEdit: (schema: JsonObject) => void;
  readonly row: FieldRow;
  readonly level: number;
  /** Whether the row shows what it usually hides. */
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** Moves its field by dragging or with the arrow keys, and opens what the row hides. */
export function Grip({ schema, row: { path, name }, level, onEdit, isOpen, onToggle }: GripProps) {
  const dragged = useRef<{ at: HTMLLIElement; readonly path: string; moved: boolean } | null>(null);
  return (
    <button
      type="button"
      class="grip"
      aria-label={`More about ${name}`}
      title="Drag to move, press for more"
      aria-expanded={isOpen}
      onClick={() => {
        if (!dragged.current?.moved) onToggle();
        dragged.current = null;
      }}
      onKeyDown={(event) => {
        const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : null;
        const beside = by && rowBeside(event.currentTarget.closest("li"), level, by);
        if (!by || !beside) return;
        event.preventDefault();
        onEdit(moveField(schema, path, by));
        // The focus goes with the field.
        beside.querySelector<HTMLElement>(".grip")?.focus();
      }}
      onPointerDown={(event) => {
        const at = event.currentTarget.closest("li");
        if (at) dragged.current = { at, path, moved: false };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={({ buttons, clientY }) => {
        const drag = dragged.current;
        if (drag === null || buttons === 0) return;
        const by = clientY < drag.at.getBoundingClientRect().top ? -1 : 1;
        const beside = rowBeside(drag.at, level, by);
        const box = beside?.getBoundingClientRect();
        // Past the middle of its neighbour the field takes that place.
        if (!beside || !box || (clientY - box.top - box.height / 2) * by < 0) return;
        // The row under the pointer has another field by now.
        onEdit(moveField(schema, drag.path, by));
        drag.at = beside;
        drag.moved = true;
      }}
    >
      <Icon name="grip-vertical" />
    </button>
  );
}

interface MoveButtonsProps extends Pick<GripProps, "schema" | "onEdit" | "row"> {
  /** The field's place among so many of the same object. */
  readonly places: readonly [at: number, count: number];
}

/** Moves its field without dragging. */
export function MoveButtons({ schema, row, onEdit, places: [at, count] }: MoveButtonsProps) {
  return ([-1, 1] as const).map((by) => (
    <button
      key={by}
      type="button"
      data-move={by}
      aria-label={`Move ${row.name} ${by < 0 ? "up" : "down"}`}
      disabled={at === (by < 0 ? 0 : count - 1)}
      onClick={(event) => {
        note(event.currentTarget, "moving", `${by}`);
        onEdit(moveField(schema, row.path, by));
      }}
    >
      <Icon name={by < 0 ? "arrow-up" : "arrow-down"} />
    </button>
  ));
}

/** Leaves a note at the tool, for its next rendering: the pressed button may be gone by then. */
export function note(button: Element, name: string, text: string) {
  const place = button.closest<HTMLElement>("[data-tool]");
  if (place) place.dataset[name] = text;
}

/** The next row of the same object, above or below. */
function rowBeside(from: HTMLLIElement | null, level: number, by: -1 | 1): HTMLLIElement | null {
  let row = from;
  do {
    const next = by < 0 ? row?.previousElementSibling : row?.nextElementSibling;
    row = next instanceof HTMLLIElement ? next : null;
  } while (row !== null && Number(row.dataset.level) > level);
  return row !== null && Number(row.dataset.level) === level ? row : null;
}
