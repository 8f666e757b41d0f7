/** The account's figures for today, 7 and 30 days, rendered by the server. */
import { count, dollars, duration, percent, UNKNOWN, utcDay } from "../../../lib/base/mod.ts";
import type {
  BudgetState,
  DayFigures,
  Figures,
  PeriodFigures,
} from "../../../lib/runs/model/mod.ts";
import { BudgetForm } from "./BudgetForm.tsx";
import type { ListQuery } from "./list_query.ts";

export interface NumbersProps {
  readonly figures: Figures;
  /** The list's filters. The figures cover all tasks. */
  readonly query: ListQuery;
  readonly budget: BudgetState | null;
  /** The invalid budget that was entered. */
  readonly budgetProblem: string | null;
  /** The budget that was entered before signing in again. */
  readonly budgetKept: string | null;
  readonly sandbox: boolean;
  /** Unix ms. */
  readonly now: number;
}

/** The figures on one line, and the way to all of them. */
export function Numbers(props: NumbersProps) {
  const { query, figures, budget, budgetProblem, budgetKept } = props;
  return (
    <div class="sums-line">
      <Strip {...props} />
      <details class="all-figures" open={budgetProblem !== null || budgetKept !== null}>
        <summary>Figures</summary>
        <section aria-labelledby="numbers" class="columns">
          <h2 id="numbers" class="sr-only">Figures</h2>
          <div id="figures">
            <Tables figures={figures} />
          </div>
          <BudgetForm query={query} budget={budget} problem={budgetProblem} kept={budgetKept} />
        </section>
      </details>
    </div>
  );
}

const MONTH = new Intl.DateTimeFormat("en-US", { month: "long", timeZone: "UTC" });

function Strip({ figures, budget, sandbox, now }: NumbersProps) {
  const cost = (period: PeriodFigures) => sandbox ? dollars(period.simulated_usd) : spent(period);
  const { today, week } = figures;
  const title = sandbox ? "Simulated: the real API would charge this" : undefined;
  return (
    <div id="sums-line">
      <span>
        Today <b>{runsOf(today.runs)}</b>
        {today.runs > 0 && (
          <>
            {success(today) !== UNKNOWN && (
              <>
                , <b>{success(today)}</b> done
              </>
            )}, <b title={title}>{cost(today)}</b>
          </>
        )}
      </span>
      <span class="hidden sm:inline">
        7 days <b>{runsOf(week.runs)}</b>
        {week.runs > 0 && (
          <>
            , <b title={title}>{cost(week)}</b>
          </>
        )}
      </span>
      {budget !== null && (
        <span>
          {MONTH.format(now)} <b>{dollars(budget.spent_usd)}</b> of {dollars(budget.budget_usd)}
          {sandbox && " (simulated runs are free)"}
          <progress
            max={Math.max(budget.budget_usd, 0.01)}
            value={Math.min(budget.spent_usd, budget.budget_usd)}
            aria-label="Budget used"
          />
        </span>
      )}
    </div>
  );
}

function runsOf(runs: number): string {
  return `${count(runs)} ${runs === 1 ? "run" : "runs"}`;
}

function Tables({ figures: { today, week, month, days } }: Pick<NumbersProps, "figures">) {
  const periods = [today, week, month];
  return (
    <div class="stack">
      <table class="sums">
        <Periods />
        <tbody>
          <Line name="Runs" values={periods.map(({ runs }) => count(runs))} />
          <Line name="Success" values={periods.map(success)} />
          <Line name="Spent" values={periods.map(spent)} />
        </tbody>
      </table>
      <Notes month={month} />
      <Chart days={days} />
      {month.processors.length > 0 && (
        <table class="sums">
          <caption>Average time of a processor</caption>
          <Periods />
          <tbody>
            {month.processors.map(({ processor }) => (
              <Line
                key={processor}
                name={processor}
                values={periods.map((period) => timeOf(period, processor))}
              />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Periods() {
  return (
    <thead>
      <tr>
        <th scope="col">
          <span class="sr-only">Figure</span>
        </th>
        <th scope="col" class="number">Today</th>
        <th scope="col" class="number">7 days</th>
        <th scope="col" class="number">30 days</th>
      </tr>
    </thead>
  );
}

function Line({ name, values }: { name: string; values: readonly string[] }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {values.map((value, index) => <td key={index} class="number">{value}</td>)}
    </tr>
  );
}

/** Computed from the counts: 100 × 0.29 is less than 29 in floating point. */
function success({ completed, failed }: PeriodFigures): string {
  return completed + failed === 0 ? UNKNOWN : percent(100 * completed / (completed + failed));
}

function timeOf({ processors }: PeriodFigures, name: string): string {
  return duration(processors.find(({ processor }) => processor === name)?.mean_ms ?? null);
}

/** A dash if the only completed runs are simulated or of unknown price: that is not zero. */
function spent({ spent_usd, completed, simulated_usd, unpriced }: PeriodFigures): string {
  const known = spent_usd > 0 || completed === 0 || (simulated_usd === 0 && unpriced === 0);
  return known ? dollars(spent_usd) : UNKNOWN;
}

/** What the sums leave out, so they are not misread. */
function Notes({ month }: { month: PeriodFigures }) {
  const { deleted_usd, simulated_usd, unpriced } = month;
  return (
    <p class="text-sm text-soft mt-2">
      Runs count on the UTC day they were created. Spend covers completed runs; failed runs are
      free.
      {deleted_usd > 0 &&
        ` ${
          dollars(deleted_usd)
        } more went into runs that were deleted since. A run deleted while it was running counts as completed.`}
      {unpriced > 0 &&
        ` ${count(unpriced)} of a processor with unknown price ${
          unpriced === 1 ? "is" : "are"
        } not in it.`}
      {simulated_usd > 0 &&
        ` Simulated runs are free: the real API would have charged ${dollars(simulated_usd)}.`}
    </p>
  );
}

const WIDTH = 300, HEIGHT = 60;

function Chart({ days }: { days: readonly DayFigures[] }) {
  const most = Math.max(0, ...days.map(({ runs }) => runs));
  const step = WIDTH / days.length;
  const label = most === 0
    ? "No runs in 30 days"
    : `Runs per day over 30 days: ${count(most)} at most, ${count(days.at(-1)?.runs ?? 0)} today`;
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={label}
        class="w-full text-accent"
      >
        {days.map(({ day_ms, runs }, index) => {
          const height = most === 0
            ? 0
            : Math.max(runs === 0 ? 0 : 2, (runs / most) * (HEIGHT - 2));
          return (
            <rect
              key={day_ms}
              x={index * step + 1}
              y={HEIGHT - 1 - height}
              width={step - 2}
              height={height}
            >
              {/* Without a key of its own, Fresh mistakes it for the document's title. */}
              <title key={`title ${day_ms}`}>{`${utcDay(day_ms)}: ${count(runs)} runs`}</title>
            </rect>
          );
        })}
        <rect x="0" y={HEIGHT - 1} width={WIDTH} height="1" />
      </svg>
      <figcaption class="text-sm text-soft">{label}</figcaption>
    </figure>
  );
}
