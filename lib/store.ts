/** The database as this program knows it, and the keyring for what is sealed in it. */
import { Keyring } from "./accounts/keyring.ts";
import { listKeys } from "./accounts/migrate.ts";
import { loadSecrets } from "./accounts/secrets.ts";
import type { Config } from "./config.ts";
import { openKv } from "./kv/open.ts";
import { indexHistories, recountHistories } from "./runs/history/migrate.ts";

/** From older layouts of the database to this one. */
const MIGRATIONS = {
  1: async (kv: Deno.Kv) => {
    await listKeys(kv);
    await indexHistories(kv);
  },
  2: recountHistories,
};

/** Opens both, or neither. Throws `ConfigError`, `KvOpenError` and `SchemaError`. */
export async function openStore(
  { kvPath, sessionSecrets }: Pick<Config, "kvPath" | "sessionSecrets">,
): Promise<{ kv: Deno.Kv; keyring: Keyring }> {
  const kv = await openKv(kvPath, MIGRATIONS);
  try {
    return { kv, keyring: await Keyring.from(await loadSecrets(sessionSecrets, kvPath)) };
  } catch (error) {
    kv.close();
    throw error;
  }
}
