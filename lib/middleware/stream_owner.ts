/** Binds every stream to the session or the key that opened it. */
import { ownKeyOf } from "../proxy/mod.ts";
import { define } from "../state.ts";
import type { StreamOwner } from "../stream_leases.ts";

/** Ends a stream with its owner, on every route. */
export const streamOwner = define.middleware(async (ctx) => {
  const response = await ctx.next();
  const { body, status, headers } = response;
  if (body === null || !headers.get("content-type")?.startsWith("text/event-stream")) {
    return response;
  }
  const { services, session, account } = ctx.state;
  const { standings, streamLeases } = services;
  const { pathname } = ctx.url;
  const apiKey = ownKeyOf(ctx);
  let owner: StreamOwner | null = null;
  if (apiKey !== null) {
    owner = { kind: "key", mayRead: async () => await standings.mayRead(apiKey) === "accepted" };
  } else if (session !== null && !pathname.startsWith("/s/")) {
    const { id } = session;
    const sha256 = await services.sessions.keyHash(session).catch(() => null);
    const refused = account?.refusedMs ?? null;
    const unchanged = async () =>
      sha256 === null || (await standings.known(sha256)).refused_ms === refused;
    owner = { kind: "session", id, unchanged };
  }
  if (owner === null) return response;
  return new Response(streamLeases.bind(body, owner), { status, headers });
});
