/** Shown beside a tool of a form whose script could not be loaded (tools.ts). */
export function UnloadedNote({ isKept }: {
  /** What was typed is there again after a reload. */
  readonly isKept: boolean;
}) {
  return (
    <p data-unloaded="" role="alert" class="notice" hidden>
      A part of this form could not be loaded. {isKept
        ? "Reload the page: your draft is kept."
        : "Copy what you typed, then reload the page: it is not kept."}
    </p>
  );
}
