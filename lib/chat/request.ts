import type { Conversation } from "./conversation.ts";
import type { Setup } from "./setup.ts";

/** The request for the next answer. */
export function requestFor(
  { api, url, model, key }: Setup,
  conversation: Conversation,
  signal?: AbortSignal,
): Request {
  return new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...api.headers,
      ...(key === undefined ? {} : { [api.auth.header]: api.auth.scheme + key }),
    },
    body: JSON.stringify(api.body(conversation, model)),
    // Followed, the key would go along: only `authorization` is dropped at another origin.
    redirect: "manual",
    ...(signal ? { signal } : {}),
  });
}
