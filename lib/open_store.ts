/** Opens this program's database, and the keyring for sealed values in it. */
import { Keyring, loadSecrets } from "./accounts/mod.ts";
import type { Config } from "./config.ts";
import { openKv, patient, type StoreHealth, storeHealth } from "./store/mod.ts";
import type { Log } from "./base/mod.ts";
import { MIGRATIONS } from "./runs/mod.ts";

/** The open store. */
export interface Store {
  readonly kv: Deno.Kv;
  /**
   * The same store for recording, indexing and removal. No request waits for these, so their reads wait until
   * the store responds.
   */
  readonly background: Deno.Kv;
  readonly health: StoreHealth;
  readonly keyring: Keyring;
}

/** Opens everything, or nothing. Throws `ConfigError`, `KvOpenError` and `SchemaError`. */
export async function openStore(
  { kvPath, sessionSecrets }: Pick<Config, "kvPath" | "sessionSecrets">,
  log: Log,
): Promise<Store> {
  const kv = await openKv(kvPath, MIGRATIONS, {
    onWaiting: (reason) => log("warn", "waiting for the store", { reason }),
  });
  const health = storeHealth(kv);
  health.onState(({ is, reason }) => {
    if (is === "ok") log("info", "the store is available again", {});
    else log("error", "the store is unavailable", { is, reason });
  });
  try {
    const keyring = await Keyring.from(await loadSecrets(sessionSecrets, kvPath));
    return { kv, background: patient(kv), health, keyring };
  } catch (error) {
    kv.close();
    throw error;
  }
}
