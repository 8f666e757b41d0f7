import { page } from "fresh";
import { define } from "../define.ts";

export const handler = () => page(undefined, { status: 404 });

export default define.page(({ url }) => <h1>nothing at {url.pathname}</h1>);
