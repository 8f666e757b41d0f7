/** All details of one block: its content, its time, lines that break a rule, its bytes. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { bytes as size, count, readVerbatim, UNBOUNDED } from "../../../lib/base/mod.ts";
import { CopyButton } from "../../../components/ui/CopyButton.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { JsonFold } from "./JsonFold.tsx";
import { hexDump, type RawLine, rawLines, visible } from "./raw.ts";
import { type RuleId, RULES } from "./rules.ts";
import type { Block, Fault } from "./scan.ts";
import type { RuleText } from "./rule_texts.ts";
import { offset, stretch } from "./words.ts";

/** The rules in words, sent by the server. */
export type Reasons = Readonly<Record<RuleId, RuleText>>;

/** The most bytes and characters shown of a long block. */
const MAX_BYTES = 4096;
const MAX_CHARS = 4000;
const MAX_LINES = 200;

export interface EventDetailProps {
  readonly block: Block;
  readonly before: Block | undefined;
  readonly bytes: Uint8Array;
  /** The bytes are generated: the file contained only the events. */
  readonly imported: boolean;
  readonly reasons: Reasons;
}

const KINDS: Readonly<Record<Block["kind"], string>> = {
  event: "Event",
  comment: "Comment",
  silent: "No event in block",
  unfinished: "Cut off: block",
};

export function EventDetail({ block, before, bytes, imported, reasons }: EventDetailProps) {
  const { kind, atMs, retry, id, comments, faults } = block;
  const sinceLast = atMs === null || before === undefined || before.atMs === null
    ? null
    : atMs - before.atMs;
  return (
    <section class="detail" aria-labelledby="detail-title">
      <h2 id="detail-title">{KINDS[kind]} #{count(block.index + 1)}</h2>
      <Faults faults={faults} reasons={reasons} />
      <dl class="pairs">
        {kind !== "comment" && <Pair name="type">{block.event}</Pair>}
        <Pair name="id">{id === "" ? <i class="text-soft">none in force</i> : visible(id)}</Pair>
        {retry !== null && <Pair name="retry">{stretch(retry)} ({retry})</Pair>}
        {atMs !== null && <Pair name="time">{offset(atMs)} s</Pair>}
        {sinceLast !== null && <Pair name="since last">{stretch(sinceLast)}</Pair>}
        <Pair name="bytes">
          {count(block.from)} to {count(block.to)} · {size(block.to - block.from)}
        </Pair>
        {comments.length > 0 && <Pair name="comments">{comments.map(visible).join("\n")}</Pair>}
      </dl>
      {block.data !== "" && <Data key={block.index} data={block.data} />}
      <Raw key={`raw${block.index}`} block={block} bytes={bytes} imported={imported} />
    </section>
  );
}

function Pair({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function isNote(rule: Fault["rule"]): boolean {
  return RULES[rule].severity === "note";
}

function Faults({ faults, reasons }: { faults: readonly Fault[]; reasons: Reasons }) {
  if (faults.length === 0) return null;
  return (
    <ul class="faults">
      {faults.slice(0, MAX_LINES).map(({ rule, line, at }) => (
        <li
          key={`${at}${rule}`}
          class={isNote(rule) ? "notice caution" : "notice"}
        >
          <b>Line {count(line)}, byte {count(at)}: {RULES[rule].title}.</b> {reasons[rule].text}
          {" "}
          <a href={reasons[rule].url} target="_blank" rel="noreferrer">The standard</a>
        </li>
      ))}
    </ul>
  );
}

function Data({ data }: { data: string }) {
  const [all, setAll] = useState(false);
  const json = useMemo(() => parsed(data), [data]);
  const shown = all ? data : data.slice(0, MAX_CHARS);
  return (
    <section>
      <h3 class="detail-part">
        Data <span class="text-soft">{count(data.length)} characters</span>
        <CopyButton text={data} what="the data" />
      </h3>
      {json.ok
        ? (
          <div class="json">
            <JsonFold value={json.value} open />
          </div>
        )
        : (
          <>
            {/^\s*[{[]/.test(data) && <p class="text-sm text-soft">Not JSON: {json.problem}</p>}
            <pre class="stream-raw">{shown}</pre>
          </>
        )}
      {!json.ok && shown.length < data.length && (
        <button
          type="button"
          class="plain"
          onClick={() => setAll(true)}
        >
          all {count(data.length)} characters
        </button>
      )}
    </section>
  );
}

function Raw(props: { block: Block; bytes: Uint8Array; imported: boolean }) {
  const { block, imported } = props;
  const [open, setOpen] = useState(block.faults.length > 0);
  const part = props.bytes.subarray(0, MAX_BYTES);
  return (
    <details class="fold" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Raw bytes</summary>
      {open && (
        <>
          {imported && (
            <p class="text-sm text-soft">
              Reconstructed from the imported events: the file does not contain the original bytes.
            </p>
          )}
          <ol class="stream-raw">
            {rawLines(part, block.from).slice(0, MAX_LINES).map((line) => (
              <RawRow key={line.at} line={line} faults={block.faults} />
            ))}
          </ol>
          {part.length < props.bytes.length && (
            <p class="text-sm text-soft">The first {size(MAX_BYTES)} of it.</p>
          )}
          <details class="fold">
            <summary>Hex</summary>
            <pre class="stream-raw hex" tabIndex={0}>{hexDump(part, block.from)}</pre>
          </details>
        </>
      )}
    </details>
  );
}

function RawRow({ line, faults }: { line: RawLine; faults: readonly Fault[] }) {
  const fault = faults.find(({ at }) => at === line.at);
  const lost = fault !== undefined && RULES[fault.rule].severity === "lost";
  return (
    <li class={cx(lost && "lost")}>
      {visible(line.text)}
      {line.ending !== "none" && <span class="ending">{line.ending}</span>}
      {fault !== undefined && <b>{` ◂ ${RULES[fault.rule].title}`}</b>}
    </li>
  );
}

function parsed(
  text: string,
): { readonly ok: true; readonly value: unknown } | {
  readonly ok: false;
  readonly problem: string;
} {
  try {
    return { ok: true, value: readVerbatim(text, UNBOUNDED) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}
