/**
 * Notifies users when something ends: targets, the outbox, Web Push.
 *
 * @module
 */
export { Notifications, type NotificationsContext, type Offer } from "./notifications.ts";
export { type ChosenKind } from "./store.ts";
export { browserId } from "./targets.ts";
export {
  type Notice,
  type NoticeContent,
  type NotificationType,
  type Target,
  TARGET_KINDS,
  type TargetKind,
  type WaitingNotice,
} from "./types.ts";
