import type { Setup } from "./setup.ts";

/** Resolves after so many milliseconds; rejects with the signal's reason. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** The sandbox's answer: repeats the question and reports how much was sent with it. */
export function answerTo(turns: readonly string[]): string {
  const short = (text = "") => text.replace(/\s+/g, " ").trim().replace(/^(.{79}).{2,}$/u, "$1…");
  const earlier = turns.length > 1
    ? ` With it came ${turns.length - 1} earlier message(s), the first being “${short(turns[0])}”.`
    : "";
  return `You asked: “${short(turns.at(-1))}”.${earlier} This is the sandbox. It streams the ` +
    "provider's wire format word by word; only the thinking is missing. Put [error] or " +
    "[cut] into a question to see an answer break off, or press Ctrl-C while one is arriving.";
}

/**
 * A server that speaks the API's wire format, shaped like `fetch`. The format is `wires/<name>.sse`:
 * `$text`, `$model`, `$input` and `$output` are filled in, and the event with `$text` is sent once
 * for each word. The event behind `: failure` takes the place of the end when an answer breaks off.
 */
export function sandbox(
  { api, model }: Setup,
  wait: Wait,
): (request: Request) => Promise<Response> {
  const wire = new URL(`./wires/${api.names[0]}.sse`, import.meta.url);
  return async (request) => {
    const turns: string[] = [];
    // Every API has what was said in a member of one of these names, in order.
    JSON.parse(await request.text(), (name, value) => {
      if (/^(content|text)$/.test(name) && typeof value === "string") turns.push(value);
      return value;
    });
    const fault = /\[(401|429|error|cut)\]/.exec(turns.at(-1) ?? "")?.[1];
    if (fault === "401" || fault === "429") {
      const message = fault === "401" ? "Incorrect API key." : "Rate limit reached.";
      const headers = { "retry-after": "20" };
      return Response.json({ error: { message } }, { status: Number(fault), headers });
    }
    const answer = answerTo(turns);
    const tokens = (text: string) => String(Math.ceil(text.length / 4));
    const values = { model, input: tokens(turns.join(" ")), output: tokens(answer) };
    const fill = (event: string, text = "") =>
      event.replace(
        /\$(text|model|input|output)/g,
        (_, name: "text" | keyof typeof values) =>
          JSON.stringify({ ...values, text }[name]).slice(1, -1),
      ) + "\n\n";
    const [stream = "", failure = ""] = (await Deno.readTextFile(wire)).split(": failure\n");
    const events = stream.trim().split("\n\n");
    const middle = events.findIndex((event) => event.includes("$text"));
    async function* pieces() {
      for (const event of events.slice(0, middle)) yield fill(event);
      const words = answer.match(/\s*\S+/g) ?? [];
      // A fault strikes in the middle.
      for (const [at, word] of words.slice(0, fault ? words.length / 2 : undefined).entries()) {
        await wait(at ? 25 : 250, request.signal);
        yield fill(events[middle] ?? "", word);
      }
      if (fault === "cut") throw new TypeError("connection reset");
      for (const event of fault ? [failure.trim()] : events.slice(middle + 1)) yield fill(event);
    }
    const body = ReadableStream.from(pieces()).pipeThrough(new TextEncoderStream());
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}
