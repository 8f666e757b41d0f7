/** That a live list is not live. */

/**
 * `away`: the server's store does not answer. `waiting`: it is tried again. `over`: the server does not
 * let this page go on.
 */
export type Connection = "live" | "away" | "waiting" | "over";

export interface LostProps {
  readonly connection: Connection;
  /** What the server says while its store is away. */
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
