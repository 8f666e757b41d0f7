import { searchHistory } from "./lib/runs/mod.ts";
import { NO_FILTER } from "./lib/runs/mod.ts";
import { QUERIES } from "./bench/history/mod.ts";
import { OWNER } from "./bench/history/seed.ts";
const path = Deno.args[0]!;
const kv = await Deno.openKv(path);
let lists = 0, gets = 0, keys = 0;
const counted = new Proxy(kv, { get(t, n) {
  const v = Reflect.get(t, n);
  if (n === "list") return (...a: any[]) => { lists++; const it = (v as any).apply(t, a); return it; };
  if (n === "getMany" || n === "get") return (...a: any[]) => { gets++; return (v as any).apply(t, a); };
  return typeof v === "function" ? v.bind(t) : v;
} });
const all: number[] = [];
for (const [query, filter] of QUERIES) {
  const times: number[] = []; let found = 0; let partial = false;
  lists = gets = 0;
  for (let r = 0; r < 6; r++) {
    const s = performance.now();
    const page = await searchHistory(r === 0 ? counted : kv, OWNER, { query, cursor: null, limit: 25, filter: { ...NO_FILTER, ...filter } });
    found = page.runs.length; partial = page.partial;
    if (r > 0) times.push(performance.now() - s);
  }
  all.push(...times);
  times.sort((a, b) => a - b);
  console.log(query.padEnd(24), JSON.stringify(filter ?? {}).padEnd(50), "found", found, partial, "lists", lists, "gets", gets, "ms", times[2].toFixed(1), "max", times[4].toFixed(1));
}
all.sort((a, b) => a - b);
console.log("p50", all[all.length >> 1].toFixed(1), "p95", all[Math.floor(all.length * .95)].toFixed(1), "max", all.at(-1));
