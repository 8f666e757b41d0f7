/** Where the form's content comes from, where it is not the person's own typing. */

/** What filled the form. */
export type FormFilled =
  | {
    readonly by: "edit";
    readonly run: { readonly id: string; readonly title: string };
    readonly leftOut: readonly string[];
    /** MCP header values have to be entered again. */
    readonly masked: boolean;
  }
  | {
    readonly by: "follow";
    readonly run: { readonly id: string; readonly title: string };
    readonly ended: boolean;
  }
  | { readonly by: "unknown"; readonly run: { readonly id: string } }
  | { readonly by: "link" }
  /** Kept from before signing in. */
  | { readonly by: "kept"; readonly masked: boolean }
  /** Kept no longer. */
  | { readonly by: "gone" }
  | {
    readonly by: "paste";
    readonly leftOut: readonly string[];
    /** Sentences about whatever else was lost. */
    readonly notes: readonly string[];
  }
  | {
    readonly by: "code";
    /** What the API would take and note. */
    readonly notes: readonly string[];
  };

export function FormNote({ filled }: { filled: FormFilled }) {
  return <p class="notice calm mb-6" role="status">{textOf(filled)}</p>;
}

function textOf(filled: FormFilled) {
  switch (filled.by) {
    case "edit":
      return (
        <>
          As it was sent for{" "}
          <RunLink {...filled.run} />. Change what you like and send it: it makes a new run.{" "}
          {filled.masked && "MCP header values are not kept: enter them again. "}
          <LeftOut names={filled.leftOut} />
        </>
      );
    case "follow":
      return (
        <>
          Follows <RunLink {...filled.run} />: what that run found is known to this one.
          {!filled.ended && " It has not finished yet, and the API may refuse to follow it."}
        </>
      );
    case "unknown":
      return (
        <>
          There is no run <code>{filled.run.id}</code> in your history, so the form is empty.
        </>
      );
    case "link":
      return "A link filled this form. Look it over before you send it: it runs on your account.";
    case "kept":
      return `You are signed in, and this is the task that you sent before. Nothing was created yet: send it again. ${
        filled.masked ? "MCP header values are not kept: enter them again." : ""
      }`;
    case "gone":
      return "The task that you sent before signing in is not kept here any more.";
    case "paste": {
      const lost = lossText(filled.leftOut, filled.notes);
      return lost === ""
        ? "Filled from what you pasted. Nothing was sent."
        : `Only a part of what you pasted is in the form. Nothing was sent. ${lost}`;
    }
    case "code":
      return (
        <>
          Nothing was sent. The code is <a href="#request-code">below the form</a>.{" "}
          {filled.notes.length > 0 && `The API would take it and note: ${filled.notes.join("; ")}.`}
        </>
      );
  }
}

function RunLink({ id, title }: { id: string; title: string }) {
  return <a href={`/tasks/${encodeURIComponent(id)}`}>{title}</a>;
}

function LeftOut({ names }: { names: readonly string[] }) {
  return names.length === 0 ? null : <>{lossText(names, [])}</>;
}

/** What a form does not hold of a request: its members by name, and sentences about the rest. */
export function lossText(names: readonly string[], notes: readonly string[]): string {
  const members = names.length === 0
    ? []
    : [`The form has no field for ${names.join(", ")}: left out.`];
  return [...members, ...notes].join(" ");
}
