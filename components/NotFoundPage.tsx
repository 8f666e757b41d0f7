/** The page for an address that leads nowhere, a foreign run's included. */

/** Where the person is, and whether they are signed in. */
export interface NotFoundPageProps {
  readonly path: string;
  readonly signedIn: boolean;
}

/** Says what may be the reason and where to go. */
export function NotFoundPage({ path, signedIn }: NotFoundPageProps) {
  return (
    <>
      <h1>There is nothing at this address</h1>
      <p class="mt-2 max-w-[60ch]">
        <code>{path}</code>{" "}
        is not a page, or not a run of the account you are signed in with. Only the account that
        created a run can see it.
      </p>
      <p class="mt-4">
        {signedIn
          ? <a href="/tasks">Your tasks</a>
          : <a href={`/?${new URLSearchParams({ next: path })}`}>Sign in</a>} or{" "}
        <a href="/">the front page</a>.
      </p>
    </>
  );
}
