/** Entry of pages whose props are plain JSON. */
import "./islands.ts";
