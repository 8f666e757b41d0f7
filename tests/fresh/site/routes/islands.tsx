import { signal } from "@preact/signals";
import Counter, { Named } from "../islands/Counter.tsx";
import Boxes from "../islands/Boxes.tsx";
import { define } from "../define.ts";

export default define.page(() => (
  <>
    <Counter
      start={2}
      step={signal(1)}
      data={{
        text: '</script>"é',
        none: null,
        list: [1, [2]],
        day: new Date(0),
        map: new Map([["a", 1]]),
      }}
    />
    <Named label="named" />
    <Boxes ticked={["b"]} />
  </>
));
