import { useState } from "preact/hooks";

/** The page's one island. */
export default function Filter({ total }: { total: number }) {
  const [text, setText] = useState("");
  return (
    <label class="filter">
      Filter {total} runs
      <input value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}
