import { ROWS } from "../../rows.ts";
import { Table } from "../../table.tsx";
import Filter from "../islands/Filter.tsx";

export default function Home() {
  return (
    <main>
      <h1>Tasks</h1>
      <Filter total={ROWS.length} />
      <Table rows={ROWS} />
    </main>
  );
}
