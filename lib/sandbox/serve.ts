/** The sandbox as a separate server, with Task API and OAuth provider: `deno task sandbox`. */
import { writeLine } from "../base/mod.ts";
import { isOAuthFault, type OAuthFault } from "./oauth/faults.ts";
import { createProvider, isSimulatedKey } from "./oauth/provider.ts";
import { createSandbox } from "./sandbox.ts";

/** Reads the environment. `SANDBOX_KV` is a file or `:memory:`. */
interface Settings {
  readonly port: number;
  readonly kv: string;
  readonly speed: number;
  readonly costlyFaults: boolean;
  readonly oauthFaults: ReadonlySet<OAuthFault>;
}

function readSettings(get: (name: string) => string | undefined): Settings | string {
  const port = Number(get("SANDBOX_PORT") || 9000);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    return "SANDBOX_PORT must be a port, 0 to 65535";
  }
  const speed = Number(get("SANDBOX_SPEED") || 1);
  if (!(speed > 0) || !Number.isFinite(speed)) return "SANDBOX_SPEED must be a number above 0";
  const words = (get("SANDBOX_OAUTH_FAULTS") ?? "").split(/[\s,]+/).filter((word) => word !== "");
  const unknown = words.find((word) => !isOAuthFault(word));
  if (unknown !== undefined) return `SANDBOX_OAUTH_FAULTS knows no "${unknown}"`;
  const oauthFaults = new Set(words.filter(isOAuthFault));
  const costlyFaults = /^(?:on|1|true|yes)$/i.test(get("SANDBOX_FAULTS") ?? "");
  return { port, speed, oauthFaults, costlyFaults, kv: get("SANDBOX_KV") || ":memory:" };
}

async function serve(
  { port, kv: path, speed, costlyFaults, oauthFaults }: Settings,
): Promise<void> {
  const kv = await Deno.openKv(path);
  const acceptKey = (key: string) => key.startsWith("sandbox-") || isSimulatedKey(key);
  const sandbox = createSandbox({ kv, speed, acceptKey, costlyFaults });
  const provider = createProvider({ faults: oauthFaults });
  const server = Deno.serve({
    port,
    onListen: ({ port }) => {
      const hint = `any x-api-key that starts with "sandbox-"`;
      writeLine(
        Deno.stdout,
        `Taskstream sandbox on http://localhost:${port} (${hint}, speed ${speed})`,
      );
    },
  }, async (request) => await provider.fetch(request) ?? await sandbox.fetch(request));
  const stop = () => {
    sandbox.close();
    server.shutdown();
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  await server.finished;
  kv.close();
  Deno.exit(0);
}

if (import.meta.main) {
  const settings = readSettings((name) => Deno.env.get(name));
  if (typeof settings === "string") {
    writeLine(Deno.stderr, settings);
    Deno.exit(1);
  }
  try {
    await serve(settings);
  } catch (error) {
    writeLine(
      Deno.stderr,
      `The sandbox cannot start: ${error instanceof Error ? error.message : error}`,
    );
    Deno.exit(1);
  }
}
