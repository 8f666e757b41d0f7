/** What was typed after the command. */
export interface Args {
  readonly provider?: string;
  readonly url?: string;
  readonly model?: string;
  readonly system?: string;
  readonly prompt?: string;
  readonly sandbox?: boolean;
  readonly help?: boolean;
}

export type ParsedArgs =
  | { readonly ok: true; readonly args: Args }
  | { readonly ok: false; readonly problem: string };

const WITH_VALUE = ["provider", "url", "model", "system", "prompt"] as const;
const ALONE = ["sandbox", "help"] as const;
const no = (problem: string): ParsedArgs => ({ ok: false, problem });
function among<T extends string>(names: readonly T[], name: string): name is T {
  return names.some((each) => each === name);
}

/** Reads `--name value`, `--name=value` and `-h`; the last of a name counts. */
export function parseArgs(words: readonly string[]): ParsedArgs {
  const args: { -readonly [K in keyof Args]: Args[K] } = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "-h") {
      args.help = true;
      continue;
    }
    const [, name, joined] = /^--([a-z-]+)(?:=([^]*))?$/.exec(word) ?? [];
    if (name === undefined) {
      return no(`“${word}” is no option. A question goes behind --prompt, in quotes.`);
    }
    if (/^(?:api-?)?key$|^token$/.test(name)) {
      return no(
        "A key on the command line is there for every user and log of this machine to see: " +
          "put it in the environment (--help lists the variables).",
      );
    }
    if (among(ALONE, name)) {
      if (joined !== undefined) return no(`--${name} takes no value.`);
      args[name] = true;
    } else if (among(WITH_VALUE, name)) {
      const value = joined ?? words[++at];
      // A value may begin with one dash; two are the next option and the value was forgotten.
      if (value === undefined || (joined === undefined && value.startsWith("--"))) {
        return no(`--${name} needs a value.`);
      }
      if (value.trim() === "") return no(`--${name} is empty.`);
      args[name] = value;
    } else return no(`There is no option --${name} (--help lists them).`);
  }
  return { ok: true, args };
}
