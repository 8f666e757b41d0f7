/** Entry: a page whose props are plain JSON, as most are. */
import "./islands.ts";
