/** That a live list is not live. */

/** `waiting`: it is tried again. `over`: the server does not let this page go on. */
export type Connection = "live" | "waiting" | "over";

export function Lost({ connection }: { connection: Connection }) {
  if (connection === "live") return null;
  return (
    <p class="notice caution mb-2" role="status">
      What is shown may be out of date:{" "}
      {connection === "waiting" ? "there is no connection to the server. Trying again." : (
        <>
          the server ended this page’s connection. <a href={location.href}>Load it again</a>
        </>
      )}
    </p>
  );
}
