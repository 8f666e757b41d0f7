/**
 * Reloads pages after a build. A script from the same origin and a WebSocket pass a strict policy
 * (`script-src 'nonce-…'`, `connect-src 'self'`), and a WebSocket does not use one of the browser's six
 * connections for streams.
 */
import { CLIENT } from "./client.ts";

const SCRIPT = "/_frsh/dev.js";
const ALIVE = "/_frsh/alive";

/** The connections to the pages that are open. */
export class ReloadChannel {
  readonly #sockets = new Set<WebSocket>();
  #revision = Date.now();

  /**
   * URL of the script, without the base path. It names the page's build: if the process restarts before
   * the page has connected, the page can still tell that the next build is newer.
   */
  get script(): string {
    return `${SCRIPT}?${this.#revision}`;
  }

  /** Answers the channel's own requests. Returns null for all others. */
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

  /** Reloads every page: at once, or a moment later if the process may be about to restart. */
  announce({ isRestarting }: { readonly isRestarting: boolean } = { isRestarting: true }): void {
    this.#revision = Math.max(Date.now(), this.#revision + 1);
    const message = `${this.#revision}${isRestarting ? "" : " now"}`;
    for (const socket of this.#sockets) {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    }
  }

  /** Closes all connections. */
  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
  }
}
