import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** As a spread: precompiled JSX would write the property's name into the HTML. */
const atFirst = (ticked: boolean) => ({ defaultChecked: ticked });

/** Boxes whose ticks are the user's once the server has set them. */
export default function Boxes({ ticked }: { ticked: readonly string[] }) {
  const form = useRef<HTMLFormElement>(null);
  const picked = useSignal<number | null>(null);
  const count = () => picked.value = form.current?.querySelectorAll(":checked").length ?? 0;
  useEffect(() => void count(), []);
  return (
    <form id="boxes" ref={form} onChange={count}>
      {["a", "b", "c"].map((name) => (
        <input key={name} type="checkbox" name={name} {...atFirst(ticked.includes(name))} />
      ))}
      <output>{picked.value === null ? "?" : `${picked.value} ticked`}</output>
    </form>
  );
}
