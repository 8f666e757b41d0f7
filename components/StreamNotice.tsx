/** Says that the page has lost its stream, and whether it reconnects. */
import type { Link } from "./live_stream.ts";

/** Where the page's stream is. `over`: the server has ended it. */
export type Connection = Link | "over";

export interface StreamNoticeProps {
  readonly connection: Connection;
  /** The server's notice while its store is unavailable. */
  readonly awayNotice: string;
}

/** Shows nothing while the stream is well. It floats: a page must not move when its connection goes or comes. */
export function StreamNotice({ connection, awayNotice }: StreamNoticeProps) {
  if (connection === "connecting" || connection === "open" || connection === "turn") return null;
  return (
    <p class="news popover" role="status">
      <span>
        {connection === "away" ? awayNotice : "What is shown may be out of date: "}
        {connection === "over"
          ? (
            <>
              the server ended this page’s connection. <a href={location.href}>Reload it</a>
            </>
          )
          : connection !== "away" && "there is no connection to the server. Trying again."}
      </span>
    </p>
  );
}
