/** The form of a schedule: times, cap and notifications. Works without JavaScript. */
import type { ComponentChildren } from "preact";
import { asset } from "fresh/runtime";
import { described, FieldError, NoEnter } from "../../../components/form/Field.tsx";
import { dollars } from "../../../lib/base/mod.ts";
import { type Every, inZone, WEEKDAYS, zones } from "../../../lib/schedules/mod.ts";
import { preview, type ReadSchedule, type ScheduleField } from "./schedule_form.ts";

export interface ScheduleFormProps {
  readonly form: Pick<ReadSchedule, "values" | "problems">;
  /** Where it is sent, and the page that shows it again with the next times. */
  readonly action: string;
  readonly page: string;
  /** Hidden fields. */
  readonly hidden: Readonly<Record<string, string>>;
  /** What one time costs (US dollars). */
  readonly priceUsd: number;
  readonly simulated: boolean;
  /** The user has not chosen a zone yet: prefer the browser's. */
  readonly browserZone: boolean;
  readonly submit: string;
  /** Where **Cancel** leads. */
  readonly cancel: string;
  readonly now: number;
}

const CHOICES: readonly (readonly [Every, string])[] = [
  ["hour", "hour"],
  ["day", "day"],
  ["week", "week"],
  ["cron", "cron line"],
];

export function ScheduleForm(props: ScheduleFormProps) {
  const { action, form, hidden, page, submit } = props;
  const { values } = form;
  return (
    <form
      method="post"
      action={action}
      class="stack schedule-form mt-6"
      data-times="/schedules/times"
      data-browser-zone={props.browserZone ? "" : undefined}
    >
      <NoEnter />
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Field name="name" label="Name" form={form}>
        <input
          id="name"
          name="name"
          value={values.name}
          maxLength={200}
          autocomplete="off"
          {...wrong("name", form)}
        />
      </Field>
      <div>
        <h2 id="every-title" class="text-base">Run every</h2>
        <fieldset class="segments mt-1" role="radiogroup" aria-labelledby="every-title">
          {CHOICES.map(([value, label]) => (
            <label key={value}>
              <input type="radio" name="every" value={value} checked={values.every === value} />
              {label}
            </label>
          ))}
        </fieldset>
      </div>
      <div class="row gap-4">
        <Field name="minute" label="At minute" form={form} class="when-hour">
          <input
            id="minute"
            name="minute"
            inputMode="numeric"
            value={values.minute}
            autocomplete="off"
            {...wrong("minute", form)}
          />
        </Field>
        <Field name="weekday" label="On" form={form} class="when-week">
          <select id="weekday" name="weekday" {...wrong("weekday", form)}>
            {WEEKDAYS.map((day, at) => (
              <option key={day} value={at} selected={values.weekday === String(at)}>{day}</option>
            ))}
          </select>
        </Field>
        <Field name="time" label="At" form={form} class="when-time">
          <input id="time" name="time" type="time" value={values.time} {...wrong("time", form)} />
        </Field>
        <Field
          name="cron"
          label="Cron line"
          form={form}
          class="when-cron"
          hint="Minute, hour, day of month, month, day of week."
        >
          <input
            id="cron"
            name="cron"
            value={values.cron}
            class="font-mono"
            spellcheck={false}
            autocomplete="off"
            {...wrong("cron", form, true)}
          />
        </Field>
        <Field name="zone" label="Time zone" form={form}>
          <input
            id="zone"
            name="zone"
            list="zones"
            value={values.zone}
            spellcheck={false}
            autocomplete="off"
            {...wrong("zone", form)}
          />
        </Field>
      </div>
      <datalist id="zones">{zones().map((zone) => <option key={zone} value={zone} />)}</datalist>
      <Preview {...props} />
      <p class="unscripted">
        <button type="submit" class="button" formMethod="get" formAction={page}>
          Show the next times
        </button>
      </p>
      <Field
        name="cap_usd"
        label="Monthly cap in US dollars"
        form={form}
        hint={`Each run costs ${dollars(props.priceUsd)}${
          props.simulated ? " on the real API; the sandbox is free" : ""
        }. Once a month’s cap is reached, times are skipped until the next month.`}
      >
        <input
          id="cap_usd"
          name="cap_usd"
          inputMode="decimal"
          value={values.cap_usd}
          autocomplete="off"
          class="w-28"
          {...wrong("cap_usd", form, true)}
        />
      </Field>
      <div>
        <label class="flex items-center gap-2 py-2 font-normal">
          <input type="checkbox" name="only_changes" checked={values.only_changes !== ""} />
          Notify me only of changes
        </label>
        <p class="text-sm text-soft max-w-[70ch]">
          Each result is compared with the one before. If you tick this, you are notified only when
          something changed, or when the schedule pauses. Set up{" "}
          <a href="/account/notifications">where notifications go</a>.
        </p>
      </div>
      <p class="flex items-center gap-4">
        <button type="submit" class="button go">{submit}</button>
        <a href={props.cancel}>Cancel</a>
      </p>
      <script type="module" src={asset("/due_times.js")}></script>
    </form>
  );
}

interface FieldProps {
  readonly name: ScheduleField;
  readonly label: string;
  readonly form: ScheduleFormProps["form"];
  readonly hint?: string;
  /** The class that shows it with its choice only. */
  readonly class?: string;
  readonly children: ComponentChildren;
}

function Field({ name, label, form, hint, children, ...more }: FieldProps) {
  const problem = form.problems[name];
  return (
    <div class={more.class}>
      <label for={name}>{label}</label>
      {hint !== undefined && (
        <p id={`${name}-hint`} class="text-sm text-soft max-w-[70ch]">{hint}</p>
      )}
      <div class="mt-1">{children}</div>
      <FieldError name={name} problem={problem} />
    </div>
  );
}

/** Ties a control to its hint and its problem, and focuses the first wrong one. */
function wrong(name: ScheduleField, { problems }: ScheduleFormProps["form"], hinted = false) {
  return {
    autofocus: Object.keys(problems)[0] === name,
    ...described(name, problems[name], hinted),
  };
}

function Preview({ form, now, priceUsd }: ScheduleFormProps) {
  const { times, words, zone } = preview(form, { now, priceUsd });
  // After a submit, the wrong field says why there are no times.
  const isSaid = times.length === 0 && Object.keys(form.problems).length > 0;
  return (
    <div id="due-times" aria-live="polite">
      <h2 class="text-sm">Next times</h2>
      <ol class="due-times">
        {times.map((ms) => (
          <li key={ms}>
            <time datetime={new Date(ms).toISOString()}>{inZone(ms, zone)}</time> {zone}
          </li>
        ))}
      </ol>
      <p class="text-sm text-soft">{isSaid ? "" : words}</p>
    </div>
  );
}
