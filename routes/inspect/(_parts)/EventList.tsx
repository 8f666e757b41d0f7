/** The list of blocks. Only visible rows are in the document. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { cx } from "../../../components/ui/cx.ts";
import { count } from "../../../lib/base/mod.ts";
import type { Block } from "./scan.ts";
import { isAtEnd, pageRows, rowWindow, scrollToRow, type Viewport } from "./window.ts";
import { gap, offset } from "./words.ts";

/** The most characters of data that a row shows. */
const PREVIEW = 200;

export interface EventListProps {
  readonly blocks: readonly Block[];
  /** The indices of the blocks to list, ascending. */
  readonly rows: readonly number[];
  /** Changes with each change of the blocks and rows; see StreamInspector. */
  readonly drawn: number;
  /** Whether the blocks have times. */
  readonly timed: boolean;
  /** The index of the selected block. */
  readonly chosen: number | null;
  readonly onChoose: (index: number) => void;
  /** Follow the end while the list grows. */
  readonly following: boolean;
  readonly onFollow: (following: boolean) => void;
}

export function EventList(props: EventListProps) {
  const { blocks, rows, timed, chosen, onChoose, following, onFollow } = props;
  const box = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<Viewport>({ scrollTop: 0, height: 0, rowHeight: 28 });

  const measure = () => {
    const list = box.current;
    if (list === null) return;
    setView({
      scrollTop: list.scrollTop,
      height: list.clientHeight,
      // The heading is as high as a row: the stylesheet defines that height.
      rowHeight: head.current?.offsetHeight || 28,
    });
  };

  useEffect(() => {
    const watcher = new ResizeObserver(measure);
    if (box.current !== null) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  useLayoutEffect(() => {
    const list = box.current;
    if (list !== null && following) list.scrollTop = list.scrollHeight;
  }, [rows.length, following, view.height]);

  useLayoutEffect(() => {
    const list = box.current;
    if (list === null || chosen === null) return;
    list.scrollTop = scrollToRow(rowOf(rows, chosen), { ...view, scrollTop: list.scrollTop });
  }, [chosen]);

  const scrolled = () => {
    measure();
    const list = box.current;
    if (list === null) return;
    const now = { ...view, scrollTop: list.scrollTop, height: list.clientHeight };
    // Scrolling up stops following the end. Scrolling back down resumes it.
    if (isAtEnd(rows.length, now) !== following) onFollow(!following);
  };

  const chooseRow = (row: number) => {
    const index = rows[Math.max(0, Math.min(rows.length - 1, row))];
    if (index !== undefined) onChoose(index);
  };

  const pressed = (event: KeyboardEvent) => {
    const row = chosen === null ? -1 : rowOf(rows, chosen);
    const page = pageRows(view);
    const to: Readonly<Record<string, number>> = {
      ArrowDown: row + 1,
      ArrowUp: row - 1,
      PageDown: row + page,
      PageUp: row - page,
      Home: 0,
      End: rows.length - 1,
    };
    const wanted = to[event.key];
    if (wanted === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    chooseRow(wanted);
  };

  const { start, end, top } = rowWindow(rows.length, view);
  const inSight = chosen !== null && rows.slice(start, end).includes(chosen);
  return (
    <div class={cx(!timed && "untimed")}>
      <div class="stream-row stream-head" aria-hidden="true" ref={head}>
        <span>#</span>
        <span>time, s</span>
        <span>since last</span>
        <span>type</span>
        <span>data</span>
      </div>
      <div
        class="stream-box"
        role="listbox"
        aria-label="Events"
        tabIndex={0}
        aria-activedescendant={inSight ? `block-${chosen}` : undefined}
        ref={box}
        onScroll={scrolled}
        onKeyDown={pressed}
      >
        <div
          role="none"
          class="stream-space"
          style={{ height: `${rows.length * view.rowHeight}px` }}
        >
          <div role="none" style={{ transform: `translateY(${top}px)` }}>
            {rows.slice(start, end).map((index, at) => {
              const block = blocks[index];
              return block === undefined ? null : (
                <Row
                  key={index}
                  block={block}
                  before={blocks[index - 1]}
                  chosen={index === chosen}
                  position={start + at + 1}
                  size={rows.length}
                  onChoose={onChoose}
                />
              );
            })}
          </div>
        </div>
      </div>
      {rows.length === 0 && <p class="text-soft py-2">No events match the filter.</p>}
    </div>
  );
}

interface RowProps {
  readonly block: Block;
  readonly before: Block | undefined;
  readonly chosen: boolean;
  readonly position: number;
  readonly size: number;
  readonly onChoose: (index: number) => void;
}

function Row({ block, before, chosen, position, size, onChoose }: RowProps) {
  const { index, atMs, faults, retry } = block;
  const isQuiet = block.kind !== "event";
  return (
    <div
      id={`block-${index}`}
      class="stream-row"
      role="option"
      aria-selected={chosen}
      aria-setsize={size}
      aria-posinset={position}
      onClick={() => onChoose(index)}
    >
      <span>{count(index + 1)}</span>
      <span>{atMs === null ? "" : offset(atMs)}</span>
      <span>{sinceLast(block, before)}</span>
      <span class={cx("tail", isQuiet && "text-soft")}>
        <bdi>{label(block)}</bdi>
      </span>
      <span class={cx(isQuiet && "text-soft")}>
        {faults.length > 0 && (
          <b class="lost">
            ▲ {faults.length === 1 ? "1 problem" : `${faults.length} problems`}
            {" "}
          </b>
        )}
        {retry !== null && <span class="text-soft">{`retry ${retry} `}</span>}
        {preview(block)}
      </span>
    </div>
  );
}

function label({ kind, event }: Block): string {
  if (kind === "event") return event;
  return kind === "comment" ? "comment" : kind === "silent" ? "no event" : "cut off";
}

function sinceLast({ atMs }: Block, before: Block | undefined): string {
  if (atMs === null || before === undefined || before.atMs === null) return "";
  return gap(atMs - before.atMs);
}

function preview({ kind, data, comments }: Block): string {
  const text = kind === "comment" ? `: ${comments.join(" ")}` : data;
  return text.slice(0, PREVIEW).replaceAll("\n", "⏎");
}

/** The row of a block, or the row it would precede if it is not listed. */
export function rowOf(rows: readonly number[], index: number): number {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = low + high >> 1;
    if ((rows[middle] ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
