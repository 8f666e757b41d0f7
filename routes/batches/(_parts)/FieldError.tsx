/** An error message of a batch field, linked to its control by ID like the task form's messages. */

export function FieldError({ name, problem }: { name: string; problem: string | undefined }) {
  return (
    <p id={`${name}-error`} class="error-text mt-1" hidden={problem === undefined}>{problem}</p>
  );
}

/** The attributes that link a control to its hint and its error message. */
export function described(name: string, problem: string | undefined, hinted = false) {
  const ids = [hinted ? `${name}-hint` : "", problem === undefined ? "" : `${name}-error`];
  return {
    "aria-invalid": problem === undefined ? undefined : "true" as const,
    "aria-describedby": ids.filter(Boolean).join(" ") || undefined,
  };
}
