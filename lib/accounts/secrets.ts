/**
 * The instance's secrets: from the environment, or generated once and stored beside the KV file.
 */
import { ConfigError } from "../config.ts";
import { isFile, isRemote, parentOf } from "../store/mod.ts";

/** Bytes of a generated secret: 256 bits, like the keys derived from it. */
const SECRET_BYTES = 32;

/**
 * The secrets to sign and seal with, newest first. A generated one lives in a 0600 file beside the KV
 * file and not in the database: a secret that is stored next to the sealed keys protects nothing.
 */
export async function loadSecrets(
  configured: readonly string[],
  kvPath: string | null,
): Promise<readonly string[]> {
  if (configured.length > 0) return configured;
  if (isRemote(kvPath)) {
    // Several instances may share such a database, and must open each other's sessions.
    throw new ConfigError(
      "SESSION_SECRET must be set when KV is not a local file (32+ characters)",
    );
  }
  return [isFile(kvPath) ? await secretFile(secretPathOf(kvPath)) : randomSecret()];
}

/** The path of the generated secret of a local database. */
export function secretPathOf(kvPath: string): string {
  return `${parentOf(kvPath)}/session-secret`;
}

async function secretFile(path: string): Promise<string> {
  await Deno.mkdir(parentOf(path), { recursive: true });
  // Write another file and link it, so that a process that starts at the same time sees all or nothing.
  const draft = await Deno.makeTempFile({ dir: parentOf(path), prefix: "secret-" });
  try {
    await Deno.writeTextFile(draft, `${randomSecret()}\n`);
    await Deno.chmod(draft, 0o600);
    await Deno.link(draft, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(draft);
  }
  const secret = (await Deno.readTextFile(path)).trim();
  if (secret.length < SECRET_BYTES) {
    throw new ConfigError(
      `${path} is too short to be a secret: delete it (this signs everyone out)`,
    );
  }
  return secret;
}

function randomSecret(): string {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64({ alphabet: "base64url" });
}
