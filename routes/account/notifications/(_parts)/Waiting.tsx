/** Notifications waiting for delivery, with the latest response of their destination. */
import { Ago } from "../../../../components/ui/Ago.tsx";
import { duration } from "../../../../lib/base/mod.ts";
import type { NotificationType, WaitingNotice } from "../../../../lib/notify/mod.ts";

const TYPE_WORDS: Readonly<Record<NotificationType, string>> = {
  "run.completed": "Run done",
  "run.failed": "Run ended without a result",
  "run.action_required": "Run needs you",
  "batch.completed": "Batch done",
  "batch.paused": "Batch paused",
  "watch.changed": "Watch changed",
  "schedule.changed": "Schedule changed",
  "schedule.paused": "Schedule paused",
  "test": "Test",
};

export function Waiting(
  { waiting, now }: { readonly waiting: readonly WaitingNotice[]; readonly now: number },
) {
  if (waiting.length === 0) return null;
  return (
    <section class="mt-8" aria-labelledby="waiting-title">
      <h2 id="waiting-title">
        Waiting{" "}
        <span class="font-normal text-sm text-soft">
          not arrived yet, sent again for 24 hours
        </span>
      </h2>
      <ul class="places">
        {waiting.map((notice) => (
          <li key={`${notice.target} ${notice.id}`}>
            <h3>{TYPE_WORDS[notice.type]}</h3>
            <div>
              <p class="text-md">
                <Subject notice={notice} />
              </p>
              <p class="text-sm text-soft">
                for {notice.target}, since <Ago ms={notice.created_ms} now={now} />
              </p>
            </div>
            <div class="text-sm text-soft">
              <p>{triesWord(notice.tries)}</p>
              {notice.words !== null && <p class="text-ink">{notice.words}</p>}
              <p>
                {notice.due_ms > now
                  ? `Next attempt in ${duration(notice.due_ms - now)}`
                  : "Next try now"}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Subject({ notice: { type, subject, path, title } }: { readonly notice: WaitingNotice }) {
  const folder = type.startsWith("batch.") ? "batches" : "tasks";
  const href = path ?? `/${folder}/${encodeURIComponent(subject)}`;
  return <a href={href}>{title ?? subject}</a>;
}

function triesWord(tries: number): string {
  return tries === 0 ? "No attempt yet" : tries === 1 ? "1 attempt" : `${tries} attempts`;
}
