/** MCP servers as rows: address, headers that can be written but not read, and allowed tools. */
import { MCP_SERVERS } from "../../../lib/parallel/mod.ts";
import {
  MASKED,
  readServers,
  type ServerRow,
  writeServers,
} from "../../../lib/tasks/fields/mod.ts";
import { draw, type Field, fieldOf } from "./field.ts";
import { keepFocus } from "./keep_focus.ts";
import { Cell, RowsFrame, useRows } from "./rows.tsx";

/** For drafts, which hold no secrets. */
export { maskServersText } from "../../../lib/tasks/fields/mod.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = fieldOf(place, form);
  if (field === null) return;
  draw(place, <ServerRows field={field} />, signal);
  keepFocus(place, signal);
}

const VIEW = { read: readServers, write: writeServers };
const NEW_SERVER: ServerRow = { name: "", url: "", headers: [], tools: "" };

function ServerRows({ field }: { field: Field }) {
  const { rows, set, shows } = useRows<ServerRow>(field, VIEW);
  return (
    <RowsFrame
      field={field}
      shows={shows}
      addLabel="Add a server"
      hint={`At most ${MCP_SERVERS} servers. Header values go to the API and are never shown again.`}
      full={rows.length >= MCP_SERVERS}
      onAdd={() => set([...rows, NEW_SERVER])}
    >
      {rows.map((row, at) => (
        <Server
          key={at}
          row={row}
          number={at + 1}
          onChange={(more) =>
            set(rows.map((each, index) => index === at ? { ...each, ...more } : each))}
          onRemove={() => set(rows.filter((_, index) => index !== at))}
        />
      ))}
    </RowsFrame>
  );
}

interface ServerProps {
  readonly row: ServerRow;
  readonly number: number;
  readonly onChange: (more: Partial<ServerRow>) => void;
  readonly onRemove: () => void;
}

function Server({ row, number, onChange, onRemove }: ServerProps) {
  const { headers } = row;
  const header = (at: number, more: Partial<typeof headers[number]>) =>
    onChange({ headers: headers.map((each, index) => index === at ? { ...each, ...more } : each) });
  return (
    <div class="nested" role="group" aria-label={`Server ${number}`}>
      <div class="row">
        <Cell label="Name" value={row.name} onInput={(name) => onChange({ name })} />
        <Cell
          label="Address"
          type="url"
          value={row.url}
          placeholder="https://"
          onInput={(url) => onChange({ url })}
        />
        <Cell
          label="Allowed tools"
          value={row.tools}
          placeholder="all"
          onInput={(tools) => onChange({ tools })}
        />
        <button
          type="button"
          class="plain touch"
          aria-label={`Remove server ${number}`}
          onClick={onRemove}
        >
          remove
        </button>
      </div>
      {headers.map(({ name, value }, at) => (
        <div key={at} class="row">
          <Cell label="Header" value={name} onInput={(text) => header(at, { name: text })} />
          <Cell
            label="Its value"
            type="password"
            value={value === MASKED ? "" : value}
            placeholder={value === MASKED ? "enter again" : ""}
            onInput={(text) => header(at, { value: text })}
          />
          <button
            type="button"
            class="plain touch"
            aria-label={`Remove header ${name} of server ${number}`}
            onClick={() => onChange({ headers: headers.filter((_, index) => index !== at) })}
          >
            remove
          </button>
        </div>
      ))}
      <button
        type="button"
        class="plain touch"
        data-add=""
        aria-label={`Add a header to server ${number}`}
        onClick={() => onChange({ headers: [...headers, { name: "", value: "" }] })}
      >
        Add a header
      </button>
    </div>
  );
}
