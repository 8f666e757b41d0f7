/** Copies a short text; shown only where script can do it (static/page.js). */

export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <button
      type="button"
      class="plain scripted touch text-sm"
      data-copy={text}
      aria-label={`Copy ${what}`}
    >
      copy
    </button>
  );
}
