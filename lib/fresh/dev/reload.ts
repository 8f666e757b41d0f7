/**
 * Reloads pages after a build: a script of our own origin and a WebSocket, which is what a strict
 * policy (`script-src 'nonce-…'`, `connect-src 'self'`) lets through. A WebSocket, because it does
 * not take one of the six connections that a browser has for streams.
 */
import { CLIENT } from "./client.ts";

const SCRIPT = "/_frsh/dev.js";
const ALIVE = "/_frsh/alive";

/** The connections to the pages that are open. */
export class ReloadChannel {
  readonly #sockets = new Set<WebSocket>();
  #revision = Date.now();

  /**
   * URL of the script, base path not included. It names the build that the page was made by: a page
   * whose process ends before the page has connected would else take the next build for its own.
   */
  get script(): string {
    return `${SCRIPT}?${this.#revision}`;
  }

  /** Answers the channel's own requests; null for all others. */
  answer(request: Request, basePath: string): Response | null {
    const { pathname } = new URL(request.url);
    if (pathname === basePath + SCRIPT) {
      return new Response(CLIENT, {
        headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-store" },
      });
    }
    if (pathname !== basePath + ALIVE) return null;
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("Expected a WebSocket", { status: 426 });
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      this.#sockets.add(socket);
      socket.send(`${this.#revision}`);
    };
    socket.onclose = () => this.#sockets.delete(socket);
    return response;
  }

  /** Tells every page that there is something new. */
  announce(): void {
    this.#revision = Math.max(Date.now(), this.#revision + 1);
    for (const socket of this.#sockets) {
      if (socket.readyState === WebSocket.OPEN) socket.send(`${this.#revision}`);
    }
  }

  /** Closes all connections. */
  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
  }
}
