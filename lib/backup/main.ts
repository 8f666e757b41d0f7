/** `deno task backup [FILE]` and `deno task restore FILE`, for the database at KV_PATH. */
import { join } from "node:path";
import { secretPathOf } from "../accounts/mod.ts";
import { writeLine } from "../base/mod.ts";
import { ConfigError, readConfig } from "../config.ts";
import { isFile } from "../store/mod.ts";
import { backupStore } from "./backup.ts";
import { restoreStore } from "./restore.ts";
import { BackupError } from "./sqlite.ts";

/** `2026-11-25T13-05-09Z`: sorts by time and is a file name everywhere. */
const stamp = () => `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}Z`;

try {
  const [command, file] = Deno.args;
  const { kvPath } = readConfig((name) => Deno.env.get(name));
  if (!isFile(kvPath)) {
    throw new BackupError(
      "KV_PATH is not a local file. Use the backup tools of the database’s host.",
    );
  }
  const secretPath = secretPathOf(kvPath);
  if (command === "backup") {
    const target = file ?? join("data", "backups", `taskstream-${stamp()}.db`);
    const backup = await backupStore(kvPath, secretPath, target);
    writeLine(Deno.stdout, `${backup.path}: ${backup.entries} entries, ${backup.bytes} bytes`);
    if (backup.secretPath !== null) {
      writeLine(
        Deno.stdout,
        `${backup.secretPath}: the session secret, which decrypts the API keys in the backup. Keep the two files in different places.`,
      );
    }
  } else if (command === "restore" && file !== undefined) {
    const restored = await restoreStore(file, kvPath, secretPath, `before-${stamp()}`);
    writeLine(Deno.stdout, `${kvPath} is the backup now: ${restored.entries} entries`);
    if (restored.formerPath !== null) {
      writeLine(Deno.stdout, `The former database is kept as ${restored.formerPath}`);
    }
  } else throw new BackupError("deno task backup [FILE], or deno task restore FILE");
} catch (error) {
  const isExpected = error instanceof BackupError || error instanceof ConfigError ||
    // A full disk, or a folder that cannot be written to.
    error instanceof Error && /\(os error \d+\)/.test(error.message);
  if (!isExpected) throw error;
  writeLine(Deno.stderr, error.message);
  Deno.exit(1);
}
