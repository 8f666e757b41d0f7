/** The form for another URL. A rejected URL is never echoed, because it may contain a secret. */
import { TARGET_KINDS, type TargetKind } from "../../../../lib/notify/mod.ts";
import { EveryBoxes, KIND_WORDS } from "./TargetRow.tsx";

export interface AddUrlProps {
  /** Why the URL was not added. */
  readonly problem: string | null;
  /** The URL that was entered before signing in again. */
  readonly kept: string | null;
  /** The chosen format; `null`: by the URL. */
  readonly format: TargetKind | null;
  readonly every_run: boolean;
  readonly every_batch: boolean;
}

export function AddUrl({ problem, kept, format, every_run, every_batch }: AddUrlProps) {
  return (
    <li id="add">
      <h3>
        <label for="url">A URL</label>
      </h3>
      <form method="post" action="/account/notifications" class="grid gap-2">
        {kept !== null && <p role="status">What you typed is back. Nothing was added yet.</p>}
        <input
          id="url"
          name="url"
          type="url"
          required
          value={kept ?? undefined}
          maxLength={2000}
          autocomplete="off"
          spellcheck={false}
          placeholder="https://"
          autofocus={problem !== null || kept !== null}
          aria-invalid={problem === null ? undefined : "true"}
          aria-describedby={problem === null ? "url-hint" : "url-error url-hint"}
        />
        {problem !== null && <p id="url-error" class="error-text">{problem}</p>}
        <div class="flex flex-wrap items-center gap-x-6">
          <EveryBoxes name="it" every_run={every_run} every_batch={every_batch} />
          <label>
            Format{" "}
            <select name="format">
              <option value="">by the URL</option>
              {TARGET_KINDS.filter((kind) => kind !== "push").map((kind) => (
                <option key={kind} value={kind} selected={kind === format}>
                  {KIND_WORDS[kind]}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" name="act" value="add" class="button go">Add URL</button>
        </div>
      </form>
      <p id="url-hint" class="text-sm text-soft">
        A Slack, Discord or Teams webhook, an ntfy topic, or any URL that accepts signed JSON. It is
        stored encrypted and not shown again.
      </p>
    </li>
  );
}
