import { compare } from "./measure.ts";
import { fetchEventSource, loops, others, parsers } from "./peers.ts";
import { chunked, HUGE, SHAPES, TASK_API } from "./shapes.ts";
import type { BenchResult } from "../types.ts";

/** Every comparison, in this process. */
async function measureAll(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const [size, target] of [[16384, 1.35], [1024, 1.5], [64, 1.8]] as const) {
    const chunks = chunked(TASK_API, size);
    results.push(
      ...await compare(`SSEParser, ${TASK_API.name}, ${size} B chunks`, TASK_API.events, [
        parsers.ours(chunks),
        parsers.eventsourceParser(chunks),
      ], { target }),
    );
  }
  for (const size of [16384, 1024, 64]) {
    const chunks = chunked(TASK_API, size);
    results.push(
      ...await compare(`parseSSE, ${size} B chunks`, TASK_API.events, [
        loops.parseSSE(chunks),
        loops.eventsourceStream(chunks),
      ], { target: 2, rounds: 21 }),
      ...await compare(`SSEParserStream, ${size} B chunks`, TASK_API.events, [
        loops.ourStream(chunks),
        loops.eventsourceStream(chunks),
      ], { target: 1.5, rounds: 21 }),
    );
  }
  for (const size of [16384, 64]) {
    const chunks = chunked(TASK_API, size);
    results.push(
      ...await compare(`SSEParser, ${size} B chunks, beside`, TASK_API.events, [
        parsers.ours(chunks),
        fetchEventSource(chunks),
      ], { rounds: 11, warmup: 10 }),
      ...await compare(`parseSSE, ${size} B chunks, beside`, TASK_API.events, [
        loops.parseSSE(chunks),
        ...others.map((other) => other(chunks)),
      ], { rounds: 11, warmup: 10 }),
    );
  }
  const huge = chunked(HUGE, 4096);
  results.push(
    ...await compare("SSEParser, 4 MiB in 4 KiB chunks", 1, [
      parsers.ours(huge),
      parsers.eventsourceParser(huge),
    ], { target: 1 }),
  );
  for (const shape of SHAPES) {
    for (const size of [16384, 1024, 64]) {
      const chunks = chunked(shape, size);
      const events = shape.name === "heartbeats" ? shape.events / 2 : shape.events;
      results.push(
        ...await compare(`SSEParser, ${shape.name}, ${size} B chunks`, events, [
          parsers.ours(chunks),
          parsers.eventsourceParser(chunks),
        ], { target: 1, rounds: 15 }),
      );
    }
  }
  return results;
}

if (import.meta.main) {
  const results = new TextEncoder().encode(JSON.stringify(await measureAll()));
  await Deno.stdout.write(results);
}
