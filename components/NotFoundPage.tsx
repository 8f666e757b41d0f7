/** The page for an unknown URL, or for another account's run. */

/** The requested path, and whether the user is signed in. */
export interface NotFoundPageProps {
  readonly path: string;
  readonly signedIn: boolean;
}

/** Explains possible reasons and where to go. */
export function NotFoundPage({ path, signedIn }: NotFoundPageProps) {
  return (
    <>
      <h1>Page not found</h1>
      <p class="mt-2 max-w-[60ch]">
        <code>{path}</code>{" "}
        is not a page, or not a run of the account you are signed in with. Only the account that
        created a run can see it.
      </p>
      <p class="flex flex-wrap gap-2 mt-4">
        {signedIn
          ? <a href="/tasks" class="button go">Your tasks</a>
          : <a href={`/?${new URLSearchParams({ next: path })}`} class="button go">Sign in</a>}
        <a href="/" class="button">The front page</a>
      </p>
    </>
  );
}
