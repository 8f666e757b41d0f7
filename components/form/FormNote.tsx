/** A note about what filled the form, if the person did not type it. */

/** Texts of the fields that a change of the form has changed. */
export type Changed = Readonly<Record<string, string>>;

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
  | { readonly by: "example"; readonly title: string }
  | {
    readonly by: "suggestion";
    readonly note: string;
    /** The fields that it changed, as they were; `null` if it changed none. */
    readonly before: Changed | null;
  }
  /** Sent before signing in, and kept. */
  | { readonly by: "kept"; readonly masked: boolean }
  /** Sent before signing in, and no longer kept. */
  | { readonly by: "gone" }
  | {
    readonly by: "paste";
    readonly leftOut: readonly string[];
    /** Sentences about other losses. */
    readonly notes: readonly string[];
    /** The fields that it changed, as they were. */
    readonly before: Changed;
  }
  /** A paste or a suggestion was undone, or done again. */
  | { readonly by: "undo"; readonly before: Changed }
  | {
    readonly by: "code";
    /** What the API would accept with a warning. */
    readonly notes: readonly string[];
  };

export function FormNote({ filled }: { filled: FormFilled }) {
  const before = "before" in filled ? filled.before : null;
  return (
    <p role="status">
      {textOf(filled)}
      {before !== null && (
        <>
          {" "}
          <input type="hidden" name="before" value={JSON.stringify(before)} />
          <button type="submit" name="show" value="undo" class="plain touch">
            {filled.by === "undo" ? "Redo" : "Undo"}
          </button>
        </>
      )}
    </p>
  );
}

function textOf(filled: FormFilled) {
  switch (filled.by) {
    case "edit":
      return (
        <>
          Filled from{" "}
          <RunLink {...filled.run} />. Edit it and create the task: that starts a new run.{" "}
          {filled.masked && "MCP header values are not kept: enter them again. "}
          <LeftOut names={filled.leftOut} />
        </>
      );
    case "follow":
      return (
        <>
          Follows <RunLink {...filled.run} />: the new run knows what that one found.
          {!filled.ended && " That run has not finished, so the API may reject a follow-up."}
        </>
      );
    case "unknown":
      return (
        <>
          There is no run <code>{filled.run.id}</code> in your history, so the form is empty.
        </>
      );
    case "example":
      return `Filled from “${filled.title}”.`;
    case "suggestion":
      return filled.note;
    case "undo":
      return "Your previous form is back.";
    case "link":
      return "Filled from a link. Check it before you create the task.";
    case "kept":
      return `You are signed in. Your task is back and has not been created yet. ${
        filled.masked ? "MCP header values are not kept: enter them again." : ""
      }`;
    case "gone":
      return "The task you sent before signing in is no longer stored.";
    case "paste": {
      const lost = lossText(filled.leftOut, filled.notes);
      return lost === ""
        ? "Filled from what you pasted. Nothing was sent."
        : `Filled from part of what you pasted. Nothing was sent. ${lost}`;
    }
    case "code":
      return (
        <>
          Nothing was sent. The code is <a href="#request-code">below</a>.{" "}
          {filled.notes.length > 0 &&
            `The API would accept it with warnings: ${filled.notes.join("; ")}.`}
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

/** What the form lost of a request: the names of members, and sentences about the rest. */
export function lossText(names: readonly string[], notes: readonly string[]): string {
  const members = names.length === 0
    ? []
    : [`The form has no field for ${names.join(", ")}: left out.`];
  return [...members, ...notes].join(" ");
}
