/** A stream's summary: its state, its figures, its problems. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { bytes, count, dollars, UNKNOWN } from "../../../lib/base/mod.ts";
import type { Usage } from "../../../lib/sse/mod.ts";
import type { Inspection } from "./inspection.ts";
import { UNLOADED, useLazy } from "./lazy.ts";
import { isEventStream } from "./live.ts";
import type { UnansweredProps } from "./Unanswered.tsx";
import { eventRate } from "./tally.ts";
import { cost, costOf, endings, perSecond, type Prices, resumedBy, stretch } from "./words.ts";

/** The bytes shown of a response that is not an event stream. */
const MAX_BYTES = 2048;

export interface FindingsProps {
  readonly inspection: Inspection;
  readonly drawn: number;
  /** US dollars of a run on Parallel by processor. */
  readonly runPrices: ReadonlyMap<string, number>;
  /** Shows a block in full. */
  readonly onChoose: (index: number) => void;
}

export function Findings(props: FindingsProps) {
  return (
    <>
      <Standing inspection={props.inspection} />
      <Trouble inspection={props.inspection} onChoose={props.onChoose} />
      {props.inspection.scanner.bytes.length > 0 && <Figures {...props} />}
    </>
  );
}

function Standing({ inspection }: { inspection: Inspection }) {
  const { phase, origin, ended, answered, imported } = inspection;
  const moving = phase !== "done" || inspection.replaying;
  const broken = ended?.how === "broken" || ended?.how === "unanswered" ||
    (inspection.problem !== null && inspection.blocks.length === 0);
  const status = moving
    ? "running"
    : broken
    ? "failed"
    : ended?.how === "stopped"
    ? "cancelled"
    : "completed";
  const from = origin.kind === "url"
    ? `${origin.request.method} ${origin.request.url}`
    : origin.kind === "file"
    ? origin.name
    : "pasted text";
  return (
    <div class="figures">
      <span class="status" data-status={status}>
        <i></i>
        <span>{stateWords(inspection)}</span>
      </span>
      <span class="url text-soft">{from}{imported && " · imported events"}</span>
      {answered !== null && (
        <details class="answered">
          <summary>
            {answered.status} {answered.statusText} · after {stretch(answered.headersMs)}
          </summary>
          <p class="text-sm text-soft">
            Headers that the server exposes to this page (access-control-expose-headers):
          </p>
          <pre class="stream-raw">
            {answered.headers.map(([name, value]) => `${name}: ${value}`).join("\n")}
          </pre>
        </details>
      )}
    </div>
  );
}

/** The state, in a word or two. */
export function stateWords({ phase, ended, problem, blocks, replaying }: Inspection): string {
  if (replaying) return "replaying";
  if (phase === "opening") return "waiting for a response";
  if (phase === "live") return "live";
  if (phase === "reading") return "reading";
  if (problem !== null && blocks.length === 0) return "not read";
  if (ended === null) return "read";
  if (ended.how === "closed") return "closed by the server";
  if (ended.how === "stopped") return "stopped here";
  return ended.how === "broken" ? "broke off" : "no answer";
}

function Trouble({ inspection, onChoose }: Pick<FindingsProps, "inspection" | "onChoose">) {
  const { problem, ended, origin, answered, tally, scanner } = inspection;
  const { notJson } = inspection.answer;
  return (
    <>
      {problem !== null && <p class="notice mt-2">{problem}</p>}
      {inspection.note !== null && <p class="notice caution mt-2">{inspection.note}</p>}
      {ended?.how === "unanswered" && origin.kind === "url" && (
        <Unanswered request={origin.request} message={ended.message} />
      )}
      {ended?.how === "broken" && (
        <p class="notice mt-2">
          The connection broke off after {bytes(scanner.bytes.length)}{" "}
          ({ended.message}). The data received is kept. A client that reconnects would send{" "}
          <code>Last-Event-ID</code>: {resumedBy(lastId(inspection))}.
        </p>
      )}
      {answered !== null && !isEventStream(answered) && (
        <div class="notice caution mt-2">
          <p>{odd(answered)}</p>
          {scanner.bytes.length > 0 && (
            <pre
              class="stream-raw mt-1"
              tabIndex={0}
            >{beginning(scanner.bytes.slice(0, MAX_BYTES))}</pre>
          )}
        </div>
      )}
      {inspection.answer.failure !== null && (
        <p class="notice mt-2">
          The provider reports in the stream: {inspection.answer.failure.message}.{" "}
          {inspection.answer.failure.retryable
            ? "Retrying later may help."
            : "Retrying will not help."}
        </p>
      )}
      {inspection.answer.isCut && ended?.how !== "stopped" && (
        <p class="notice caution mt-2">The stream ends before its answer is finished.</p>
      )}
      {notJson !== null && (
        <p class="notice caution mt-2">
          The data of{" "}
          <button type="button" class="plain" onClick={() => onChoose(notJson)}>
            #{count(notJson + 1)}
          </button>{" "}
          starts like JSON but is not. No text is collected after it.
        </p>
      )}
      {inspection.phase === "done" && problem === null && tally.events === 0 &&
        !inspection.replaying &&
        ended?.how !== "unanswered" && (
        <p class="notice caution mt-2">
          It contains no event. An event is one or more “data: …” lines followed by a blank line
          them.
        </p>
      )}
    </>
  );
}

function Unanswered(props: UnansweredProps) {
  const module = useLazy(() => import("./Unanswered.tsx"), props.request);
  if (typeof module === "object") return <module.Unanswered {...props} />;
  if (module === "loading") return null;
  return <p class="notice mt-2">The browser hides the response ({props.message}). {UNLOADED}</p>;
}

const beginning = (bytes: Uint8Array) =>
  new TextDecoder().decode(bytes) + (bytes.length < MAX_BYTES ? "" : "…");

const lastId = ({ blocks, shown }: Inspection) => blocks[shown - 1]?.id ?? "";

function odd({ status, type }: { status: number; type: string }): string {
  if (status === 204) return "204 tells an EventSource to stop and not to reconnect.";
  if (status !== 200) {
    return `An event stream starts with status 200. With ${status} an EventSource fails permanently. The response was:`;
  }
  return `The content type is ${
    type || "missing"
  }, not text/event-stream: an EventSource fails permanently. Here it is read as a stream anyway.`;
}

function Figures({ inspection, runPrices, onChoose }: FindingsProps) {
  const { tally, scanner, answer: { collected } } = inspection;
  const { timed } = scanner;
  const { longestGap } = tally, model = collected?.model ?? "";
  const [prices, setPrices] = useState<Prices | null>(null);
  const known = collected?.provider !== undefined;
  const speaks = (collected?.text ?? "") !== "";
  // An estimate of nothing is nothing.
  const usage = speaks || collected?.usage.estimated === false ? collected?.usage : undefined;
  const about = usage?.estimated ? "≈ " : "";
  return (
    <>
      <dl class="facts">
        <Fact name="events">{count(tally.events)}</Fact>
        <Fact name="lines without effect">
          {tally.lost === 0 ? "0" : (
            <button
              type="button"
              class="plain touch"
              aria-label={`${tally.lost}: show them only`}
              onClick={() => inspection.setFilter({ ...inspection.spec, faulty: true })}
            >
              <b class="lost">▲ {count(tally.lost)}</b>
            </button>
          )}
        </Fact>
        {tally.notes > 0 && <Fact name="odd lines">{count(tally.notes)}</Fact>}
        <Fact name="comments">{count(tally.comments)}</Fact>
        <Fact name="size">{bytes(tally.bytes)}</Fact>
        <Fact name="lines end in">{endings(scanner.endings)}</Fact>
        {timed && (
          <>
            <Fact name="first event">{stretch(tally.firstMs)}</Fact>
            <Fact name="length">{stretch(tally.lastMs)}</Fact>
            <Fact name="rate">{perSecond(eventRate(tally), "events")}</Fact>
            <Fact name="longest silence">
              {longestGap === null ? UNKNOWN : (
                <button
                  type="button"
                  class="plain touch"
                  aria-label={`${stretch(longestGap.ms)}: show what ended it`}
                  onClick={() => onChoose(longestGap.index)}
                >
                  {stretch(longestGap.ms)}
                </button>
              )}
            </Fact>
          </>
        )}
        <Fact name="provider">
          {collected?.provider ?? (inspection.answer.done ? "not recognised" : UNKNOWN)}
        </Fact>
        {known && <Fact name="model">{collected.model ?? UNKNOWN}</Fact>}
        {known && collected.finish !== undefined && <Fact name="finish">{collected.finish}</Fact>}
        {speaks && timed && (
          <>
            <Fact name="first token">{stretch(collected?.firstTokenMs ?? null)}</Fact>
            <Fact name="speed">
              {collected?.tokensPerSecond !== undefined && about}
              {perSecond(collected?.tokensPerSecond ?? null, "tokens")}
            </Fact>
          </>
        )}
        {usage !== undefined && (
          <Fact name="tokens in, out">
            {count(usage.inputTokens ?? null)}, {about}
            {count(usage.outputTokens)}
          </Fact>
        )}
        {collected?.provider === "parallel" && usage?.inputTokens === undefined
          ? <Fact name="list price">{dollars(runPrices.get(model) ?? null)}</Fact>
          : usage !== undefined && <Fact name="cost">{costWords(usage, prices)}</Fact>}
      </dl>
      {usage !== undefined && collected?.provider !== "parallel" && (
        <PriceFields onChange={setPrices} />
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function costWords(usage: Usage, prices: Prices | null): string {
  const sum = costOf(usage, prices);
  return (sum !== null && usage.estimated ? "≈ " : "") + cost(sum);
}

function PriceFields({ onChange }: { onChange: (prices: Prices | null) => void }) {
  const read = (event: Event & { currentTarget: HTMLElement }) => {
    const [input, output] = [...event.currentTarget.querySelectorAll("input")].map((field) =>
      field.value === "" ? NaN : field.valueAsNumber
    );
    const known = input !== undefined && output !== undefined && input >= 0 && output >= 0;
    onChange(known ? { input, output } : null);
  };
  return (
    <details class="fold">
      <summary>Prices</summary>
      <fieldset class="prices" onInput={read}>
        <legend class="text-sm text-soft">US dollars per million tokens</legend>
        <label>
          in <input type="number" min="0" step="any" inputMode="decimal" name="price-in" />
        </label>
        <label>
          out <input type="number" min="0" step="any" inputMode="decimal" name="price-out" />
        </label>
      </fieldset>
    </details>
  );
}
