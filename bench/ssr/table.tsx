/**
 * The page's main part, the same component in both servers.
 */
import type { Row } from "./rows.ts";

/** The table of runs. */
export function Table({ rows }: { rows: readonly Row[] }) {
  return (
    <table class="runs">
      <thead>
        <tr>
          <th scope="col">Task</th>
          <th scope="col">Status</th>
          <th scope="col">Processor</th>
          <th scope="col">Created</th>
          <th scope="col">Sources</th>
        </tr>
      </thead>
      <tbody>{rows.map((row) => <Line key={row.id} row={row} />)}</tbody>
    </table>
  );
}

function Line({ row }: { row: Row }) {
  return (
    <tr id={row.id} class={row.sources > 60 ? "row rich" : "row"}>
      <td>
        <a href={`/tasks/${row.id}`}>{row.title}</a>
      </td>
      <td>
        <span class={`status ${row.status}`}>{row.status}</span>
      </td>
      <td>{row.processor}</td>
      <td>
        <time dateTime={row.created}>{row.created.slice(0, 16)}</time>
      </td>
      <td class="number">{row.sources}</td>
    </tr>
  );
}
