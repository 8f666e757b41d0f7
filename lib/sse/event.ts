/**
 * One dispatched event.
 *
 * `id` is the last event id in force when the event was dispatched (it persists from event to
 * event, as in the standard, and is `""` until the stream names one); `event` is `"message"` when
 * the stream named no type; `retry` (milliseconds) is there only when this event's own block had a
 * valid `retry` field.
 */
export interface SSEEvent {
  id: string;
  event: string;
  data: string;
  retry?: number;
}
