/** A field for a secret, with its submit button. The value is never sent back. */
import type { ComponentChildren } from "preact";

export interface SecretFieldProps {
  readonly name: string;
  readonly label: string;
  /** The button's label. */
  readonly button: string;
  /** The problem with the last value, or `null`. */
  readonly problem: ComponentChildren;
  /** The label is inside the field, because the surrounding text describes it. */
  readonly inside?: boolean;
}

export function SecretField({ name, label, button, problem, inside }: SecretFieldProps) {
  const wrong = problem !== null;
  return (
    <>
      <label for={name} class={inside ? "sr-only" : ""}>{label}</label>
      <div class={inside ? "flex gap-2" : "flex flex-wrap gap-2 mt-1"}>
        <div class="cell">
          <input
            id={name}
            name={name}
            type="password"
            placeholder={inside ? label : undefined}
            required
            autocomplete="off"
            spellcheck={false}
            // After a reload on a phone, the message would be off screen.
            autofocus={wrong}
            aria-invalid={wrong ? "true" : undefined}
            aria-describedby={wrong ? `${name}-error` : undefined}
          />
        </div>
        <button type="submit" class="button">{button}</button>
      </div>
      {wrong && <p id={`${name}-error`} class="error-text mt-1">{problem}</p>}
    </>
  );
}
