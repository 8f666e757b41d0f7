/** Why a table cannot be read, thrown while it is read and caught by the face. */
import type { TableProblem } from "../model/mod.ts";

/** A problem with its place. The message says what is wrong and what to do. */
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
