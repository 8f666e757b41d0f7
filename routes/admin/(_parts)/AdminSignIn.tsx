/** Asks for ADMIN_TOKEN. */
export function AdminSignIn({ wrong }: { wrong: boolean }) {
  return (
    <>
      <h1>Admin</h1>
      <form method="post" action="/admin" class="mt-4 max-w-[30rem]">
        <label for="token">Token of this instance (ADMIN_TOKEN)</label>
        <input
          id="token"
          name="token"
          type="password"
          autoComplete="current-password"
          required
          aria-invalid={wrong ? "true" : undefined}
          aria-describedby={wrong ? "token-problem" : undefined}
        />
        {wrong && (
          <p id="token-problem" class="error-text mt-1">This is not the token of this instance.</p>
        )}
        <button type="submit" class="button mt-4">Show the figures</button>
      </form>
    </>
  );
}
