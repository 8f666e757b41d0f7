/** What is in the form, as it changes. */
import type { FormField } from "../../../lib/tasks/fields/mod.ts";
import { useEffect, useState } from "preact/hooks";
import { valuesOf } from "../draft.ts";
import { FILLED } from "../fill.ts";

const CHANGES = ["input", "change", FILLED];

/** Every field. */
export function useValues(form: HTMLFormElement) {
  return useForm(form, valuesOf);
}

/** One field: what is typed elsewhere draws nothing anew. */
export function useValue(form: HTMLFormElement, name: FormField): string {
  return useForm(form, (whole) => valuesOf(whole)[name]);
}

function useForm<T>(form: HTMLFormElement, readForm: (form: HTMLFormElement) => T): T {
  const [values, setValues] = useState(() => readForm(form));
  useEffect(() => {
    const read = () => setValues(() => readForm(form));
    for (const event of CHANGES) form.addEventListener(event, read);
    return () => {
      for (const event of CHANGES) form.removeEventListener(event, read);
    };
  }, [form]);
  return values;
}
