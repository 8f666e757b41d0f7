import { define } from "../define.ts";

export default define.page(({ route, params }) => (
  <p id="index">{route} {Object.keys(params).length}</p>
));
