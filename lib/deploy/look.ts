/** Finds out what Deno Deploy has of this app. Answers are read, not trusted: the command may change. */
import type { DeployArgs } from "./args.ts";
import { type DeployCli, DeployError } from "./cli.ts";
import { databaseOf, type Found } from "./plan.ts";

/** What deno.json says under `deploy`. */
export interface DeployConfig {
  readonly org?: string;
  readonly app?: string;
}

/** The state of things. Throws {@linkcode DeployError} where a name is missing or nobody is signed in. */
export async function look(
  cli: DeployCli,
  args: DeployArgs,
  config: DeployConfig,
): Promise<Found> {
  const { orgs } = record(await cli.json(["whoami"]));
  const org = args.org ?? config.org ?? onlyOrg(list(orgs));
  const app = args.app ?? config.app;
  if (app === undefined) throw new DeployError(MISSING_APP);
  const appExists = await hasApp(cli, org, app);
  const databases = list(await cli.find(["database", "list", "--org", org])).map(record);
  const env = appExists ? list(await cli.find(["env", "list", "--org", org, "--app", app])) : [];
  return {
    org,
    app,
    appExists,
    databaseAssigned: databases.some(({ engine, assignments }) =>
      /kv/i.test(String(engine)) && list(assignments).includes(app)
    ),
    databaseExists: databases.some(({ name }) => name === databaseOf(app)),
    secretSet: env.some((variable) => record(variable).key === "SESSION_SECRET"),
  };
}

const MISSING_APP =
  "Which app? Say --app NAME (it becomes part of the address), or set deploy.app in deno.json";

function onlyOrg(orgs: readonly unknown[]): string {
  const names = orgs.map((org) => record(org).slug).filter((slug) => typeof slug === "string");
  const [only, ...others] = names;
  if (only === undefined) {
    throw new DeployError("You have no organisation yet: make one at https://console.deno.com");
  }
  if (others.length > 0) {
    throw new DeployError(`Which organisation? Say --org NAME, one of ${names.join(", ")}`);
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
