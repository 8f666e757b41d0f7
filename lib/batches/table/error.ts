/** The error for tables that cannot be read. `readTable` catches it and returns its problem. */
import type { TableProblem } from "../model/mod.ts";

/** A problem and its place. The message says what is wrong and how to fix it. */
export class TableError extends Error {
  override name = "TableError";
  readonly line: number | null;
  readonly column: number | null;

  constructor(message: string, line: number | null = null, column: number | null = null) {
    super(message);
    this.line = line;
    this.column = column;
  }

  get problem(): TableProblem {
    return { message: this.message, line: this.line, column: this.column };
  }
}
