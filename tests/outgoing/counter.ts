/** Shared by the tests of forbidden addresses. */

/** Why a request is not made: the reason tells neither the address nor whether a name exists. */
export const REFUSED =
  /^(?:The host does not resolve to a public address|Enter a URL that starts with https:\/\/|Remove the user name and password from the URL|The port must be 443 or 8443|The URL has more than 2,000 characters)\.$/;

/** As an instance without `NOTIFY_ALLOW`. */
export const NOTHING_ALLOWED = { hosts: new Set<string>(), nets: [] };

/** A server on all addresses of this machine that counts its connections. */
export function counter() {
  const counted = { connections: 0 };
  const listeners: Deno.Listener[] = [];
  let port = 0;
  for (const hostname of ["127.0.0.1", "::1"]) {
    const listener = Deno.listen({ hostname, port });
    port = (listener.addr as Deno.NetAddr).port;
    listeners.push(listener);
    (async () => {
      for await (const connection of listener) {
        counted.connections++;
        connection.close();
      }
    })();
  }
  return { counted, port, close: () => listeners.forEach((listener) => listener.close()) };
}
