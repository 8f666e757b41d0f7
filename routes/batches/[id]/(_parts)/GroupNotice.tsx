/** The page of a task group that cannot be shown as a batch now. */
import { Head } from "fresh/runtime";
import type { GroupAdoption } from "../../../../lib/batches/mod.ts";
import { count } from "../../../../lib/base/mod.ts";

/** Why a group is not a batch. */
export type GroupProblem = Exclude<GroupAdoption, { state: "adopted" | "unknown" }>;

/** Says why, and what to do. */
export function GroupNotice({ problem }: { readonly problem: GroupProblem }) {
  const { title, words } = wordsOf(problem);
  return (
    <>
      <Head>
        <title>{`${title} · Taskstream`}</title>
      </Head>
      <h1>{title}</h1>
      <p class="mt-2 max-w-[60ch]">{words}</p>
      <p class="flex flex-wrap gap-2 mt-4">
        {/* The same page again: an empty address is this one. */}
        {problem.state !== "large" && <a href="" class="button go">Try again</a>}
        <a href="/tasks" class="button">Your tasks</a>
      </p>
    </>
  );
}

/** The response's status. */
export function statusOf({ state }: GroupProblem): number {
  return { empty: 404, large: 422, limited: 429, away: 502 }[state];
}

function wordsOf(problem: GroupProblem): { readonly title: string; readonly words: string } {
  switch (problem.state) {
    case "empty":
      return {
        title: "This task group has no runs yet",
        words:
          "The API has this group, but nothing was added to it. Once it has runs, this page shows " +
          "them as the rows of a batch.",
      };
    case "large":
      return {
        title: "This task group is too large to show",
        words:
          `It has ${count(problem.runs)} runs, and a batch can have ${count(problem.most)} rows ` +
          "here. Open its runs one by one at /tasks/ followed by the run's ID, or ask the operator of this " +
          "instance to raise the limit.",
      };
    case "limited":
      return {
        title: "Too many unknown task groups",
        words:
          "You have opened many IDs that are not in your history. Wait a minute, then try again.",
      };
    case "away":
      return {
        title: "The API does not answer",
        words:
          "We could not ask the API whether this task group is yours. Nothing was changed or " +
          `sent. The API's problem: ${problem.failure.message}`,
      };
  }
}
