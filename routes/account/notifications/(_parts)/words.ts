/** Words for kinds and types of notifications. Pure. */
import type { NotificationType, TargetKind } from "../../../../lib/notify/mod.ts";

export const KIND_WORDS: Readonly<Record<TargetKind, string>> = {
  json: "JSON",
  slack: "Slack",
  discord: "Discord",
  teams: "Teams",
  ntfy: "ntfy",
  push: "Browser",
};

export const TYPE_WORDS: Readonly<Record<NotificationType, string>> = {
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
