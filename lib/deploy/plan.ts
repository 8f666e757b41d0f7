/**
 * The steps that deploy this app, given what already exists on Deno Deploy. Pure.
 */

/** The existing parts of the app on Deno Deploy. */
export interface Found {
  readonly org: string;
  readonly app: string;
  readonly appExists: boolean;
  /** Whether the app has a Deno KV database. */
  readonly databaseAssigned: boolean;
  /** Whether the database that this task would create for the app exists. */
  readonly databaseExists: boolean;
  /** Whether SESSION_SECRET is set. */
  readonly secretSet: boolean;
}

/** One command, and its purpose. */
export interface Step {
  readonly why: string;
  readonly args: readonly string[];
  /** Whether the command may fail because its result already exists. */
  readonly repeatable: boolean;
}

/** The name of the app's database. */
export const databaseOf = (app: string): string => `${app}-kv`;

/** The commands, in order. The last one deploys. `newSecret` is set if there is no secret. */
export function planDeploy(
  found: Found,
  options: { readonly region: string; readonly newSecret: string },
): Step[] {
  const { org, app } = found;
  const at = ["--org", org, "--app", app];
  const database = databaseOf(app);
  const steps: Step[] = [];
  if (!found.appExists) {
    steps.push({
      why: "Create the app. Its first build starts by itself and has no database yet: it may fail.",
      args: [
        ...["create", ".", ...at, "--source", "local", "--region", options.region],
        ...["--runtime-mode", "dynamic", "--entrypoint", "main.ts"],
        ...["--build-command", "deno task build"],
        ...["--build-timeout", "5", "--build-memory-limit", "2048", "--no-wait"],
      ],
      repeatable: true,
    });
  }
  if (!found.databaseAssigned) {
    if (!found.databaseExists) {
      steps.push({
        why: "Make a Deno KV database: the runs, their traces and results live there.",
        args: ["database", "provision", database, "--kind", "denokv", "--org", org],
        repeatable: true,
      });
    }
    steps.push({
      why: "Give the app its database.",
      args: ["database", "assign", database, ...at],
      repeatable: true,
    });
  }
  if (!found.secretSet) {
    steps.push({
      why: "Set SESSION_SECRET, which signs sessions and seals API keys. It is made here, kept " +
        "nowhere else, and never replaced by this task.",
      args: ["env", "add", "SESSION_SECRET", options.newSecret, "--secret", ...at],
      repeatable: false,
    });
  }
  steps.push({
    why: "Build and deploy to production.",
    args: [".", ...at, "--prod"],
    repeatable: false,
  });
  return steps;
}
