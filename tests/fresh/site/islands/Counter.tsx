import { type Signal, useSignal } from "@preact/signals";
import { asset, IS_BROWSER } from "fresh/runtime";
import { useEffect, useState } from "preact/hooks";

export interface CounterProps {
  start: number;
  step: Signal<number>;
  data: { text: string; none: null; list: unknown[]; day: Date; map: Map<string, number> };
}

export default function Counter({ start, step, data }: CounterProps) {
  const count = useSignal(start);
  const [awake, setAwake] = useState(false);
  useEffect(() => setAwake(true), []);
  return (
    <div id="counter" data-awake={awake ? "yes" : undefined}>
      <button type="button" onClick={() => count.value += step.value}>{count}</button>
      <output>
        {JSON.stringify([data.text, data.none, data.list, data.day.getTime(), [...data.map]])}
      </output>
      <i>{awake && IS_BROWSER ? "browser" : "server"}</i>
      <a href={asset("/page.js")}>script</a>
    </div>
  );
}

export function Named({ label }: { label: string }) {
  const [times, setTimes] = useState(0);
  return (
    <button type="button" id="named" onClick={() => setTimes(times + 1)}>{label} {times}</button>
  );
}
