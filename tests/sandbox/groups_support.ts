/** Shorthands for requests about groups to a sandbox. */
import { fail } from "@std/assert";
import { parseSSE } from "../../lib/sse/mod.ts";
import type { Room } from "./support.ts";

export const GROUPS = "/v1/tasks/groups";

/** An event of a group's streams, parsed. */
export interface GroupEvent {
  readonly type: string;
  readonly event_id: string;
  readonly status?: {
    num_task_runs: number;
    task_run_status_counts: Record<string, number>;
    is_active: boolean;
  };
  // deno-lint-ignore no-explicit-any
  readonly run?: any;
  // deno-lint-ignore no-explicit-any
  readonly input?: any;
  // deno-lint-ignore no-explicit-any
  readonly output?: any;
}

/** So many runs, each with a row of its own. */
export function inputsOf(count: number, more: Record<string, unknown> = {}) {
  return Array.from({ length: count }, (_, index) => ({
    input: { company: `Acme ${index}` },
    processor: "lite",
    metadata: { row: `r${index + 1}`, attempt: 1 },
    ...more,
  }));
}

/** Groups of a room. */
export class GroupRoom {
  readonly room: Room;

  constructor(room: Room) {
    this.room = room;
  }

  post(path: string, body: unknown): Promise<Response> {
    return this.room.ask(GROUPS + path, { method: "POST", body: JSON.stringify(body) });
  }

  /** Makes a group and returns its id. */
  async create(metadata: Record<string, unknown> = {}): Promise<string> {
    return (await read(await this.post("", { metadata }))).taskgroup_id;
  }

  /** Adds runs to a group. */
  async add(groupId: string, body: unknown, query = "") {
    return await read(await this.post(`/${groupId}/runs${query}`, body));
  }

  async status(groupId: string): Promise<NonNullable<GroupEvent["status"]>> {
    return (await read(await this.room.ask(`${GROUPS}/${groupId}`))).status;
  }

  /** One connection to a stream of the group, to its end. */
  async read(groupId: string, path: string): Promise<GroupEvent[]> {
    const response = await this.room.ask(`${GROUPS}/${groupId}/${path}`);
    if (response.status !== 200) fail(`${response.status} ${await response.text()}`);
    const events = await Array.fromAsync(parseSSE(response, { maxEventBytes: 16_000_000 }));
    return events.map(({ event, data }) => {
      const payload = JSON.parse(data);
      if (payload.type !== event) fail(`${event} has the payload type ${payload.type}`);
      return payload;
    });
  }
}

async function read(response: Response) {
  const text = await response.text();
  if (response.status !== 200) fail(`${response.status} ${text}`);
  return JSON.parse(text);
}

/** The runs in a stream, with their statuses. */
export function runsIn(events: readonly GroupEvent[]): [string, string][] {
  return events.flatMap(({ run }) => run === undefined ? [] : [[run.run_id, run.status]]);
}
