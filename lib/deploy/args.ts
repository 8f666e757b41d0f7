/** Reads the command line of `deno task deploy`. */
import { parseArgs } from "node:util";
import { DeployError } from "./cli.ts";

/** The task's options. */
export interface DeployArgs {
  /** `null`: the one in deno.json, otherwise the account's only organisation. */
  readonly org: string | null;
  /** `null`: the one in deno.json. */
  readonly app: string | null;
  /** The region of a new app. */
  readonly region: "us" | "eu" | "global";
  readonly dryRun: boolean;
}

export const HELP = `deno task deploy [--org NAME] [--app NAME] [--region us|eu|global] [--dry-run]

Puts this app on Deno Deploy: creates the app if it is new, gives it a Deno KV database and a
SESSION_SECRET of its own, builds and deploys it to production, and says where it is.

  --org      organisation; default: deploy.org in deno.json, else the only one you have
  --app      app, part of its address; default: deploy.app in deno.json
  --region   of a new app; default: us
  --dry-run  shows what would be done, and changes nothing
`;

const REGIONS = ["us", "eu", "global"] as const;

/** Reads the command line; `null` if it asks for help. Throws {@linkcode DeployError}. */
export function readArgs(args: readonly string[]): DeployArgs | null {
  const { values } = read(args);
  if (values.help) return null;
  const region = REGIONS.find((known) => known === (values.region ?? "us"));
  if (region === undefined) {
    throw new DeployError(`--region must be one of ${REGIONS.join(", ")}, not "${values.region}"`);
  }
  for (const name of ["org", "app"] as const) {
    const value = values[name];
    if (value !== undefined && !isSlug(value)) {
      throw new DeployError(`--${name} ${NO_SLUG}, not "${value}"`);
    }
  }
  return {
    org: values.org ?? null,
    app: values.app ?? null,
    region,
    dryRun: values["dry-run"] ?? false,
  };
}

/** Whether a text can name an organisation or an app. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(text);
}

/** The end of a message about an invalid name. */
export const NO_SLUG = "must be lower-case letters, digits and hyphens";

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        org: { type: "string" },
        app: { type: "string" },
        region: { type: "string" },
        "dry-run": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new DeployError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}
