/**
 * Structured logs: one line per entry, as text for people or JSON for machines. Callers log names and numbers,
 * never keys, cookies or bodies.
 */

/** The values to log with a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The severity of an entry. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes log lines. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Creates a log of entries at `level` and above. `write` gets one line, without a line break. */
export function createLog(
  options: {
    level: LogLevel;
    format: "text" | "json";
    write: (line: string) => void;
    now?: () => number;
  },
): Log {
  const now = options.now ?? Date.now;
  return (level, message, fields = {}) => {
    if (ORDER[level] < ORDER[options.level]) return;
    const time = new Date(now()).toISOString();
    const line = options.format === "json"
      ? JSON.stringify({ time, level, message, ...fields })
      : `${time} ${level.padEnd(5)} ${message}${textFields(fields)}`;
    try {
      options.write(line);
    } catch {
      // A failing log must not break the work that it records.
    }
  };
}

/** A log that passes every text through `redact` first. */
export function redactedLog(log: Log, redact: (text: string) => string): Log {
  return (level, message, fields = {}) => {
    const entries = Object.entries(fields).map(([name, value]) =>
      [name, typeof value === "string" ? redact(value) : value] as const
    );
    log(level, redact(message), Object.fromEntries(entries));
  };
}

/**
 * Writes a line at once. Ignores an output that is closed or full: a command must not stop because its output
 * is no longer read.
 */
export function writeLine(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  try {
    stream.writeSync(new TextEncoder().encode(`${line}\n`));
  } catch {
    // A closed pipe, or a full disk.
  }
}

/** The reason of a failure in a form that fits a log field. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function textFields(fields: LogFields): string {
  let text = "";
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    // JSON quoting keeps a hostile value (CR, LF, escape codes) on its one line.
    text += ` ${name}=${
      typeof value === "string" && !/^[\w.:/-]+$/.test(value) ? JSON.stringify(value) : value
    }`;
  }
  return text;
}
