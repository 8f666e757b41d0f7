/** The inputs: each a stream of bytes and how many events are in it. */
export interface Shape {
  name: string;
  events: number;
  bytes: Uint8Array;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

const repeat = (name: string, events: number, event: (n: number) => string): Shape => ({
  name,
  events,
  bytes: utf8(Array.from({ length: events }, (_, n) => event(n)).join("")),
});

const stamp = (n: number) =>
  `2025-08-06T00:${String(n / 60 % 60 | 0).padStart(2, "0")}:${
    String(n % 60).padStart(2, "0")
  }.114981Z`;

/** As the Task API sends them: an `event:` line equal to the JSON's type, about 400 bytes in all. */
function taskApi(n: number): string {
  const type = "task_run.progress_msg." + ["plan", "search", "result", "tool_call"][n % 4];
  const message =
    `Objective ${n}: find where the largest companies created the most jobs in 2024, ` +
    "by state and by sector, and compare the figures of their annual reports with what regional " +
    `offices published; prefer primary sources over news and note every assumption (${n % 7})`;
  const json = JSON.stringify({ type, message, timestamp: stamp(n) });
  return `event: ${type}\ndata: ${json}\n\n`;
}

export const TASK_API = repeat("Task API", 2000, taskApi);

const lorem = "the quick brown fox jumps over the lazy dog ";

export const SHAPES: readonly Shape[] = [
  repeat("data only", 2000, (n) => `data: {"n":${n},"delta":"${lorem}"}\n\n`),
  repeat("named with id", 2000, (n) => `id: ${n}\nevent: tick\ndata: ${lorem}${n}\n\n`),
  repeat(
    "multibyte",
    2000,
    (n) => `event: note\ndata: ${n} 東京では桜が咲いた。Größe 😀 ${"日本語".repeat(20)}\n\n`,
  ),
  repeat("heartbeats", 2000, (n) => n % 2 ? ": heartbeat\n\n" : `data: ${n}\n\n`),
  repeat("many lines", 500, (n) => `data: ${lorem}${n}\n`.repeat(20) + "\n"),
  { ...repeat("CRLF", 2000, taskApi), bytes: crlf(TASK_API.bytes) },
];

function crlf(bytes: Uint8Array): Uint8Array {
  return utf8(new TextDecoder().decode(bytes).replaceAll("\n", "\r\n"));
}

/** One event of 4 MiB, as a finished run's output may be. */
export const HUGE: Shape = {
  name: "one event of 4 MiB",
  events: 1,
  bytes: utf8(
    `data: {"output":"${
      lorem.repeat(Math.ceil(2 ** 22 / lorem.length)).slice(0, 2 ** 22 - 14)
    }"}\n\n`,
  ),
};

/** Chunks with memory of their own, as a socket hands them out. */
export function chunked({ bytes }: Shape, size: number): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    chunks.push(new Uint8Array(bytes.subarray(at, at + size)));
  }
  return chunks;
}
