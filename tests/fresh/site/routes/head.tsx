import { Head } from "fresh/runtime";
import { define } from "../define.ts";

export default define.page(() => (
  <>
    <Head>
      <title>The page</title>
      <meta name="robots" content="noindex" />
      <noscript>
        <meta http-equiv="refresh" content="9" />
      </noscript>
    </Head>
    <svg role="img" aria-label="A drawing">
      <title key="svg">The drawing</title>
      <rect key="a" width="1" height="1" />
    </svg>
  </>
));
