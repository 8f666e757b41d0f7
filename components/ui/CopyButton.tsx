/** Copies a short text. Shown only if script is available (static/page.js). */

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
