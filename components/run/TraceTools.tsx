/** The tools above a trace, live or ended: search, and a choice of clocks. Both work without script. */
import { count } from "../../lib/base/mod.ts";

export interface FoundProps {
  /** The search text; empty for everything. */
  readonly find: string;
  /** The number of matching events. */
  readonly found: number;
}

/** `of`: the total number of events. */
export function TraceTools({ find, found, of }: FoundProps & { of: number }) {
  return (
    <>
      <form class="find" method="get" action="#trace" role="search">
        <label for="find">Find</label>
        <input type="search" id="find" name="find" value={find} autocomplete="off" />
        <button type="submit" class="plain touch text-sm">find</button>
        <output for="find" class="text-sm text-soft" id="found" data-of={of}>
          {find !== "" && `${count(found)} of ${count(of)}`}
        </output>
      </form>
      <label class="pick">
        <input type="checkbox" name="clock" value="utc" />
        UTC times
      </label>
    </>
  );
}

/** Says that a search found nothing. */
export function NothingFound({ find, found }: FoundProps) {
  if (find === "" || found > 0) return null;
  return (
    <p class="text-soft">
      No match for “{find}”. <a href="?#trace">Show all</a>
    </p>
  );
}
