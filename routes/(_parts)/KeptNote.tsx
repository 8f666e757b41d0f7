/** Says that the form has what was typed before signing in, or that this is gone. */
import { chosenFile, type KeptFields } from "./session_ended.ts";

export function keptNote(url: URL, kept: KeptFields): string | null {
  if (kept !== null) {
    const file = chosenFile(kept);
    const again = file === null ? "" : ` Files are not saved: choose “${file}” again.`;
    return `What you typed is back. Nothing was sent yet.${again}`;
  }
  return url.searchParams.has("kept") ? "What you typed is no longer stored." : null;
}

export function KeptNote({ note }: { readonly note: string | null }) {
  return note === null ? null : <p class="notice calm mt-4" role="status">{note}</p>;
}
