/** The state of this process and its store, for operators. */
import type { Instance } from "../../../lib/instance.ts";
import type { Figure } from "../../../lib/telemetry/mod.ts";
import { bytes, count, duration, exact } from "../../../lib/base/mod.ts";

export interface AdminPageProps {
  readonly figures: readonly Figure[];
  readonly instance: Instance;
  readonly now: number;
}

export function AdminPage({ figures, instance, now }: AdminPageProps) {
  return (
    <>
      <h1>Admin</h1>
      <p class="text-soft mt-2 max-w-[60ch]">
        Counted by this process since it started. Other instances have their own. The same for
        Prometheus, with ADMIN_TOKEN as a bearer token: <a href="/admin/metrics">/admin/metrics</a>
      </p>
      <div class="settings mt-4">
        <section>
          <h2>Instance</h2>
          <Rows
            rows={[
              ["Started", exact(instance.startedMs)],
              ["Up for", duration(now - instance.startedMs)],
              ["Version", `${instance.version}, Deno ${instance.deno}`],
              ["Store", `${instance.store}, layout ${instance.schema}`],
              ["Active runs in the store", count(instance.activeRuns)],
              ["Memory", `${bytes(instance.memoryBytes)} resident`],
              ["Standing", instance.draining ? "draining: accepts no new work" : "ready"],
            ]}
          />
        </section>
        <section>
          <h2>Figures</h2>
          <Rows rows={figures.flatMap(rowsOf)} />
        </section>
        <section>
          <h2>Times</h2>
          <div class="wide" tabIndex={0} role="group" aria-label="Times">
            <table class="text-sm">
              <caption class="sr-only">Times</caption>
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col" class="number">Count</th>
                  <th scope="col" class="number">Mean</th>
                  <th scope="col" class="number">Half within</th>
                  <th scope="col" class="number">99 % within</th>
                </tr>
              </thead>
              <tbody>
                {figures.map((figure) => figure.kind === "histogram" && timesRow(figure))}
              </tbody>
            </table>
          </div>
        </section>
      </div>
    </>
  );
}

function Rows({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <dl class="text-sm">
      {rows.map(([name, value]) => (
        <div key={name} class="flex flex-wrap justify-between gap-x-6 py-1 border-b">
          <dt class="font-normal text-soft">{name}</dt>
          <dd class="number">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function rowsOf(figure: Figure): [string, string][] {
  if (figure.kind === "histogram") return [];
  if (figure.values.length === 0) return [[figure.help, count(0)]];
  return figure.values.map(({ labels, value }) => {
    const which = Object.values(labels).join(", ");
    return [which === "" ? figure.help : `${figure.help}: ${which}`, count(value)];
  });
}

function timesRow({ name, help, histogram }: Extract<Figure, { kind: "histogram" }>) {
  const mean = histogram.count === 0 ? null : histogram.sum / histogram.count;
  return (
    <tr key={name}>
      <td>{help}</td>
      <td class="number">{count(histogram.count)}</td>
      <td class="number">{milliseconds(mean)}</td>
      <td class="number">{milliseconds(histogram.quantile(0.5))}</td>
      <td class="number">{milliseconds(histogram.quantile(0.99))}</td>
    </tr>
  );
}

/**
 * A time with the precision of its histogram; `–` for none. Beyond the largest bucket, that bucket's lower
 * bound.
 */
function milliseconds(ms: number | null): string {
  if (ms === null) return "–";
  if (ms === Infinity) return "over 30 s";
  return ms < 1_000 ? `${Number(ms.toPrecision(2))} ms` : duration(ms);
}

/** Asks for ADMIN_TOKEN. */
export function AdminSignIn({ wrong }: { wrong: boolean }) {
  return (
    <>
      <h1>Admin</h1>
      <form method="post" action="/admin" class="mt-4 max-w-[30rem]">
        <label for="token">Token of this instance (ADMIN_TOKEN)</label>
        <input
          id="token"
          name="token"
          type="password"
          autoComplete="current-password"
          required
          aria-invalid={wrong ? "true" : undefined}
          aria-describedby={wrong ? "token-problem" : undefined}
        />
        {wrong && (
          <p id="token-problem" class="error-text mt-1">This is not the token of this instance.</p>
        )}
        <button type="submit" class="button mt-4">Show the figures</button>
      </form>
    </>
  );
}
