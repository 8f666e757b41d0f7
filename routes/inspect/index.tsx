import { page } from "fresh";
import { Head } from "fresh/runtime";
import { EXAMPLE } from "./(_parts)/example.ts";
import { WHY } from "./(_parts)/why.ts";
import StreamInspector from "../../islands/StreamInspector.tsx";
import { PROCESSORS } from "../../lib/parallel/mod.ts";
import { define } from "../../lib/state.ts";

const RUN_PRICES = Object.fromEntries(PROCESSORS.map(({ name, price }) => [name, price]));

export const handler = define.handlers({ GET: () => page() });

export default define.page<typeof handler>(function Inspect() {
  return (
    <>
      <Head>
        <title>Stream inspector · Taskstream</title>
      </Head>
      <h1>Stream inspector</h1>
      <p class="mt-2 mb-4 max-w-[70ch] text-soft">
        See every event of a Server-Sent Events stream with its time and bytes, the lines that break
        the standard, and what an AI API’s answer adds up to. Nothing that you paste, drop or open
        leaves this browser.
      </p>
      <noscript>
        <p class="notice calm">
          The inspector runs entirely in your browser and sends your data nowhere. It needs
          JavaScript, which is off or blocked here.
        </p>
      </noscript>
      <div class="scripted">
        <StreamInspector runPrices={RUN_PRICES} reasons={WHY} example={EXAMPLE} />
      </div>
    </>
  );
});
