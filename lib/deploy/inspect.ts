/** Finds out what exists of this app on Deno Deploy. Validates the CLI's output, because it may change. */
import { parse } from "@std/jsonc";
import { type DeployArgs, isSlug, NO_SLUG } from "./args.ts";
import { type DeployCli, DeployError } from "./cli.ts";
import { databaseOf, type Found } from "./plan.ts";

/** The existing parts of the app, and what a dry run could not check. */
export interface Inspection {
  readonly found: Found;
  /** What could not be checked, as ends of the sentence "Not checked: …". */
  readonly unchecked: readonly string[];
  /** The reasons, without repeats. */
  readonly reasons: readonly string[];
}

/** The `deploy` member of deno.json. */
export interface DeployConfig {
  readonly org?: string;
  readonly app?: string;
}

/** Reads `deploy` of a deno.json. Throws {@linkcode DeployError}. */
export function readConfig(text: string): DeployConfig {
  const { org, app } = record(deployOf(text));
  return { ...nameIn("org", org), ...nameIn("app", app) };
}

function deployOf(text: string): unknown {
  try {
    return (parse(text) as { deploy?: unknown }).deploy;
  } catch (error) {
    throw new DeployError(
      `deno.json is not valid: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function nameIn(name: keyof DeployConfig, value: unknown): DeployConfig {
  if (value === undefined) return {};
  if (typeof value === "string" && isSlug(value)) return { [name]: value };
  throw new DeployError(`deploy.${name} in deno.json ${NO_SLUG}, not ${JSON.stringify(value)}`);
}

/**
 * Returns the current state. Throws {@linkcode DeployError} if a name is missing or the CLI is not signed
 * in; a dry run continues as if nothing existed yet.
 */
export async function inspect(
  cli: DeployCli,
  args: DeployArgs,
  config: DeployConfig,
): Promise<Inspection> {
  const unchecked: string[] = [];
  const reasons = new Set<string>();
  const attempt = async <T>(what: string, ask: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (!args.dryRun || !(error instanceof DeployError)) throw error;
      unchecked.push(what);
      reasons.add(error.message);
      return otherwise;
    }
  };
  const orgs = await attempt("your login", async () => {
    return list(record(await cli.json(["whoami"])).orgs);
  }, null);
  const org = args.org ?? config.org ??
    (orgs === null ? YOUR_ORG : await attempt("the organisation", () => onlyOrg(orgs), YOUR_ORG));
  const app = args.app ?? config.app ?? await attempt("the name of the app", missingApp, YOUR_APP);
  const isNamed = org !== YOUR_ORG && app !== YOUR_APP;
  // Another command would wait for the network, or fail for the same reason.
  const canAsk = orgs !== null && isNamed;
  const ask = async <T>(what: string, question: () => Promise<T>, otherwise: T): Promise<T> => {
    if (canAsk) return await attempt(what, question, otherwise);
    unchecked.push(what);
    return otherwise;
  };
  const appExists = await ask("whether the app exists", () => hasApp(cli, org, app), false);
  const databases = await ask("whether it has a database", async () => {
    return list(await cli.find(["database", "list", "--org", org])).map(record);
  }, []);
  const env = !appExists && canAsk ? [] : await ask("whether SESSION_SECRET is set", async () => {
    return list(await cli.find(["env", "list", "--org", org, "--app", app]));
  }, []);
  const found = {
    org,
    app,
    appExists,
    databaseAssigned: databases.some(({ engine, assignments }) =>
      /kv/i.test(String(engine)) && list(assignments).includes(app)
    ),
    databaseExists: databases.some(({ name }) => name === databaseOf(app)),
    secretSet: env.some((variable) => record(variable).key === "SESSION_SECRET"),
  };
  return { found, unchecked, reasons: [...reasons] };
}

const YOUR_ORG = "YOUR-ORG";
const YOUR_APP = "YOUR-APP";

const MISSING_APP =
  "Which app? Pass --app NAME (it becomes part of the address), or set deploy.app in deno.json";

function missingApp(): string {
  throw new DeployError(MISSING_APP);
}

function onlyOrg(orgs: readonly unknown[]): string {
  const names = orgs.map((org) => record(org).slug).filter((slug) => typeof slug === "string");
  const [only, ...others] = names;
  if (only === undefined) {
    throw new DeployError("You have no organisation yet: make one at https://console.deno.com");
  }
  if (others.length > 0) {
    throw new DeployError(`Which organisation? Pass --org NAME, one of ${names.join(", ")}`);
  }
  return only;
}

async function hasApp(cli: DeployCli, org: string, app: string): Promise<boolean> {
  for (let cursor: string | null = null;;) {
    const more: string[] = cursor === null ? [] : ["--cursor", cursor];
    const page = record(await cli.json(["apps", "list", "--org", org, ...more]));
    if (list(page.items).some((item) => record(item).slug === app)) return true;
    if (typeof page.nextCursor !== "string" || page.nextCursor === cursor) return false;
    cursor = page.nextCursor;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
