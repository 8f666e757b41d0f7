import { define } from "../../define.ts";

export default define.layout(({ Component }) => (
  <section>
    <Component />
  </section>
));
