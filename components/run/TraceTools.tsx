/** Over a trace, live or ended: a box that searches it and its other clock, both without script too. */
import { count } from "../../lib/base/mod.ts";

export interface FoundProps {
  /** What the trace is searched for; empty: everything. */
  readonly find: string;
  /** How many events say it. */
  readonly found: number;
}

/** `of`: how many events there are. */
export function TraceTools({ find, found, of }: FoundProps & { of: number }) {
  return (
    <>
      <form class="find" method="get" action="#trace" role="search">
        <label for="find">Find</label>
        <input type="search" id="find" name="find" value={find} autocomplete="off" />
        <button type="submit" class="plain touch text-sm">find</button>
        <output for="find" class="text-sm text-muted" id="found" data-of={of}>
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

/** Says so where a search found nothing. */
export function NothingFound({ find, found }: FoundProps) {
  if (find === "" || found > 0) return null;
  return (
    <p class="text-muted">
      No event says “{find}”. <a href="?#trace">Show all</a>
    </p>
  );
}
