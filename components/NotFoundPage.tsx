/** The page for an unknown URL, for another account's run, and for an invalid share link. */

/** The requested path, and whether the user is signed in. */
export interface NotFoundPageProps {
  readonly path: string;
  readonly signedIn: boolean;
}

/** Explains possible reasons and where to go. */
export function NotFoundPage({ path, signedIn }: NotFoundPageProps) {
  const isShared = path.startsWith("/s/");
  const isOwned = /^\/((tasks|batches|schedules|watches)\/.|compare$)/.test(path);
  return (
    <>
      <h1>{isShared ? "This link does not work" : "Page not found"}</h1>
      <p class="mt-2 max-w-[60ch]">
        {isShared
          ? "It may be incomplete, or its owner has stopped sharing the page or deleted it. Ask for a new link."
          : isOwned
          ? (
            <>
              There is nothing at{" "}
              <code>{path}</code>, or it belongs to another account. Only the account that created a
              run, a batch or a schedule can see it.
            </>
          )
          : (
            <>
              There is no page at <code>{path}</code>.
            </>
          )}
      </p>
      <p class="flex flex-wrap gap-2 mt-4">
        {signedIn
          ? <a href="/tasks" class="button go">Your tasks</a>
          : isOwned && (
            <a href={`/?${new URLSearchParams({ next: path })}`} class="button go">Sign in</a>
          )}
        <a href="/" class="button">{signedIn ? "New task" : "The front page"}</a>
      </p>
    </>
  );
}
