/** `deno task deploy`, with the Deno Deploy CLI passed in. */
import { type DeployArgs } from "./args.ts";
import { DeployCli, type RunCli, shown } from "./cli.ts";
import { type DeployConfig, inspect } from "./inspect.ts";
import { planDeploy, type Step } from "./plan.ts";

/** The dependencies of {@linkcode deploy}. */
export interface DeployContext {
  readonly run: RunCli;
  readonly config: DeployConfig;
  readonly print: (line: string) => void;
  readonly newSecret: () => string;
}

/** Deploys, or prints the plan. Throws {@linkcode DeployError}. */
export async function deploy(context: DeployContext, args: DeployArgs): Promise<void> {
  const { print } = context;
  const cli = new DeployCli(context.run);
  const { found, unchecked, reasons } = await inspect(cli, args, context.config);
  const steps = planDeploy(found, { region: args.region, newSecret: context.newSecret() });
  print(`${found.app} in ${found.org}${found.appExists ? "" : " (new)"}`);
  if (unchecked.length > 0) {
    print(
      `\nNot checked: ${
        unchecked.join(", ")
      }. The plan is that of a new app; what exists is skipped.`,
    );
    for (const reason of reasons) print(reason);
  }
  for (const [at, step] of steps.entries()) {
    print(`\n${at + 1}. ${step.why}\n   deno deploy ${shown(step.args)}`);
    if (args.dryRun) continue;
    if (at < steps.length - 1) await perform(cli, step);
    else print(`\n${whereItIs(await cli.json(step.args))}`);
  }
  if (args.dryRun) print("\nA dry run: nothing was changed.");
}

async function perform(cli: DeployCli, { args, repeatable }: Step): Promise<void> {
  if (repeatable) await cli.make(args);
  else await cli.json(args);
}

/** The URL of the deployed app, from the output of the last command. */
function whereItIs(answer: unknown): string {
  const { productionUrl, timelines, url } = answer as {
    productionUrl?: string | null;
    timelines?: { partition?: string; domains?: string[] }[];
    url?: string;
  };
  const production = timelines?.find?.(({ partition }) => /^production$/i.test(partition ?? ""));
  // Older versions have the URL in the timelines only.
  const address = productionUrl ?? production?.domains?.[0];
  const build = url === undefined ? "" : `\nThe build: ${url}`;
  return address === undefined
    ? `Deployed.${build}`
    : `Deployed: ${address}\nReady when ${new URL("/readyz", address)} says so.${build}`;
}
