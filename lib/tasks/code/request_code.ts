/**
 * Generates code that sends a request. The API key and all MCP header values are placeholders. Pure; runs in
 * a browser.
 */
import { isLossy, isObject } from "../../base/mod.ts";
import { maskServers } from "../fields/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";

/** The languages in display order. */
export const LANGUAGES = ["curl", "typescript", "python", "json"] as const;
export type CodeLanguage = (typeof LANGUAGES)[number];

/** The languages' display names. */
export const LANGUAGE_NAMES: Readonly<Record<CodeLanguage, string>> = {
  curl: "cURL",
  typescript: "TypeScript",
  python: "Python",
  json: "JSON",
};

const ENDPOINT = "https://api.parallel.ai/v1/tasks/runs";

/** Generates the code. MCP header values are masked. */
export function requestCode(input: TaskRunInput, language: CodeLanguage): string {
  const body = input.mcp_servers
    ? { ...input, mcp_servers: maskServers(input.mcp_servers) }
    : input;
  switch (language) {
    case "curl":
      return curl(body);
    case "typescript":
      return typescript(body);
    case "python":
      return python(body);
    case "json":
      return pretty(body);
  }
}

function curl(body: TaskRunInput): string {
  return [
    `curl ${ENDPOINT} \\`,
    '  -H "x-api-key: $PARALLEL_API_KEY" \\',
    '  -H "content-type: application/json" \\',
    `  --data-raw '${pretty(body).replaceAll("'", "'\\''")}'`,
  ].join("\n");
}

function typescript(body: TaskRunInput): string {
  // In an object literal `__proto__` sets the prototype; in brackets it is an ordinary key.
  const named = pretty(body).replace(/^( *)"__proto__":/gm, '$1["__proto__"]:');
  // A number literal with more digits than a double would be rounded.
  const literal = named.replace(
    STRING_OR_NUMBER,
    (token) => !token.startsWith('"') && isLossy(token) ? `JSON.rawJSON("${token}")` : token,
  );
  return `import Parallel from "parallel-web";

// A retried create is billed twice.
const client = new Parallel({ apiKey: process.env.PARALLEL_API_KEY, maxRetries: 0 });

const run = await client.taskRun.create(${literal});
console.log(run.run_id);
`;
}

function python(body: TaskRunInput): string {
  const args = Object.entries(body).map(([name, value]) => `    ${name}=${literalOf(value, 1)},`);
  return `import os
from parallel import Parallel

# A retried create is billed twice.
client = Parallel(api_key=os.environ["PARALLEL_API_KEY"], max_retries=0)

run = client.task_run.create(
${args.join("\n")}
)
print(run.run_id)
`;
}

/** Writes a JSON value as a Python literal. Python supports all JSON escapes. */
function literalOf(value: unknown, level: number): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  const lines = Array.isArray(value)
    ? value.map((item) => literalOf(item, level + 1))
    : isObject(value)
    ? Object.entries(value).map(([name, member]) =>
      `${JSON.stringify(name)}: ${literalOf(member, level + 1)}`
    )
    : null;
  if (lines === null) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (lines.length === 0) return `${open}${close}`;
  const indent = "    ".repeat(level);
  return [open, ...lines.map((line) => `${indent}    ${line},`), `${indent}${close}`].join("\n");
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
