/** How a program or an agent connects to this server: addresses, and configurations to copy. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { CopyButton } from "../components/ui/CopyButton.tsx";
import { define } from "../lib/state.ts";

export const handler = define.handlers({
  GET(ctx) {
    const { account, services } = ctx.state;
    return page({
      origin: services.config.publicUrl ?? ctx.url.origin,
      isSandbox: account?.sandbox ?? services.config.sandboxEnabled,
    });
  },
});

export default define.page<typeof handler>(function Connect({ data: { origin, isSandbox } }) {
  const key = isSandbox ? "sandbox-demo" : "$PARALLEL_API_KEY";
  return (
    <>
      <Head>
        <title>API and agents · Taskstream</title>
      </Head>
      <h1>API and agents</h1>
      <p class="mt-1 max-w-[60rem]">
        {isSandbox
          ? (
            <>
              Use any key that starts with{" "}
              <code>sandbox-</code>: its runs are simulated and free. To see them here, sign in with
              the same key. For real runs, use your Parallel API key.
            </>
          )
          : "Use your Parallel API key. Every run is recorded, and is listed in its account here."}
      </p>
      <div class="settings mt-4 max-w-[60rem]">
        <section aria-labelledby="api">
          <h2 id="api">From a program</h2>
          <p class="mt-1">
            This server speaks Parallel’s Task API. Send the same requests to{" "}
            <code>{origin}/api</code>. Event streams resume where you left them.
          </p>
          <Code name="cURL" text={curlOf(origin, key)} />
          <Code name="TypeScript" text={scriptOf(origin, isSandbox)} />
        </section>
        <section aria-labelledby="agents">
          <h2 id="agents">From an agent</h2>
          <p class="mt-1">
            <code>{origin}/mcp</code>{" "}
            is a Model Context Protocol server. Its tools create tasks and batches, wait for them,
            and read results, traces and your history.
          </p>
          <Code name="Claude Code" text={claudeOf(origin, key)} />
          <Code name="Cursor" text={configurationOf(origin, isSandbox)} />
        </section>
      </div>
    </>
  );
});

function Code({ name, text }: { name: string; text: string }) {
  return (
    <div class="mt-4">
      <b>{name}</b> <CopyButton text={text} what={`the ${name} example`} />
      <pre class="code" tabIndex={0} aria-label={name}>{text}</pre>
    </div>
  );
}

const QUESTION = "What is the highest mountain of Slovenia?";

function curlOf(origin: string, key: string): string {
  return `curl ${origin}/api/v1/tasks/runs \\
  -H "x-api-key: ${key}" -H "content-type: application/json" \\
  -d '{"input": "${QUESTION}", "processor": "lite"}'`;
}

function scriptOf(origin: string, isSandbox: boolean): string {
  return `import Parallel from "parallel-web";

const client = new Parallel({
  baseURL: "${origin}/api",
  apiKey: ${isSandbox ? '"sandbox-demo"' : "process.env.PARALLEL_API_KEY"},
});
const run = await client.taskRun.create({
  input: "${QUESTION}",
  processor: "lite",
});
const { output } = await client.taskRun.result(run.run_id);`;
}

function claudeOf(origin: string, key: string): string {
  return `claude mcp add --transport http taskstream ${origin}/mcp \\
  --header "Authorization: Bearer ${key}"`;
}

function configurationOf(origin: string, isSandbox: boolean): string {
  const server = {
    url: `${origin}/mcp`,
    headers: { Authorization: `Bearer ${isSandbox ? "sandbox-demo" : "YOUR_API_KEY"}` },
  };
  return JSON.stringify({ mcpServers: { taskstream: server } }, null, 2);
}
