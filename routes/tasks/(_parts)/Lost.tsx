/** A notice that a live list is not up to date. */

/**
 * `away`: the server's store is unavailable. `waiting`: reconnecting. `over`: the server has ended the
 * page's stream.
 */
export type Connection = "live" | "away" | "waiting" | "over";

export interface LostProps {
  readonly connection: Connection;
  /** The server's notice while its store is unavailable. */
  readonly awayNotice: string;
}

export function Lost({ connection, awayNotice }: LostProps) {
  if (connection === "live") return null;
  return (
    <p class="notice caution mb-2" role="status">
      {connection === "away" ? awayNotice : "What is shown may be out of date: "}
      {connection === "waiting" && "there is no connection to the server. Trying again."}
      {connection === "over" && (
        <>
          the server ended this page’s connection. <a href={location.href}>Load it again</a>
        </>
      )}
    </p>
  );
}
