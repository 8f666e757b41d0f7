/** The bar at the top: navigation, the signed-in account, the theme. */
import { cx } from "./ui/cx.ts";
import { Icon } from "./ui/Icon.tsx";
import type { Account } from "../lib/accounts/mod.ts";
import type { Theme } from "../lib/state.ts";

const NEXT_THEME: Readonly<Record<Theme, Theme>> = {
  system: "light",
  light: "dark",
  dark: "system",
};

export interface HeaderProps {
  readonly account: Account | null;
  readonly theme: Theme;
  /** The current page, to return to. */
  readonly here: string;
}

export function Header({ account, theme, here }: HeaderProps) {
  return (
    <header class="bar print:hidden">
      <div class="page flex flex-wrap items-center gap-1 sm:gap-4">
        <a href="/" class="brand">
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M0 1h10v3H0zM0 6.5h16v3H0zM0 12h7v3H0z" />
          </svg>
          Taskstream
        </a>
        <nav aria-label="Main" class="flex flex-wrap mx-auto sm:mx-0 sm:gap-2">
          {account && (
            <>
              <a href="/" class="px-2 bar-new" aria-current={current(here, "/", NEW)}>
                <Icon name="plus" /> New
              </a>
              <a href="/tasks" class="px-2" aria-current={current(here, "/tasks", TASKS)}>Tasks</a>
            </>
          )}
          {/* On a phone the account's menu has it: the bar is full. */}
          <a
            href="/inspect"
            class={cx("px-2", account && "hidden sm:inline-flex")}
            aria-current={current(here, "/inspect")}
          >
            {account ? "Inspect" : "Inspect a stream"}
          </a>
        </nav>
        <div class="ml-auto flex items-center gap-2 text-sm">
          {account && <AccountMenu account={account} />}
          <ThemeToggle theme={theme} here={here} />
        </div>
      </div>
    </header>
  );
}

/** Pages that belong to an entry of the navigation, besides its own. */
const NEW = /^\/batches\/(?:new|preview)$/;
const TASKS = /^\/(?:tasks\/|batches|compare$)/;

/** Set here because the framework treats `/` as an ancestor of every page, so always current. */
function current(here: string, href: string, parts?: RegExp): "page" | "true" | "false" {
  const path = here.split("?", 1)[0] ?? "";
  if (path === href) return "page";
  return parts?.test(path) && !(parts === TASKS && NEW.test(path)) ? "true" : "false";
}

function AccountMenu({ account }: { account: Account }) {
  return (
    <details class="menu" data-account={account.id}>
      <summary>
        <code>
          <span class="hidden sm:inline">{account.sandbox ? "sandbox" : "key"} ·</span>{" "}
          {account.fingerprint}
        </code>
        <Icon name="chevron-down" small />
      </summary>
      <form method="post" action="/auth/logout">
        <p class="text-soft">
          {account.sandbox
            ? "A sandbox account: what it makes is simulated and free."
            : "Signed in with your Parallel API key, which stays on this server."}
        </p>
        <p>
          <a href="/account">Account</a>
        </p>
        <p>
          <a href="/schedules">Schedules and watches</a>
        </p>
        <p>
          <a href="/inspect">Stream inspector</a>
        </p>
        <p>
          <a href="/connect">API and agents</a>
        </p>
        <button type="submit">Sign out</button>
      </form>
    </details>
  );
}

function ThemeToggle({ theme, here }: { theme: Theme; here: string }) {
  const next = NEXT_THEME[theme];
  return (
    <form method="post" action="/theme">
      <input type="hidden" name="next" value={here} />
      <button
        type="submit"
        name="theme"
        value={next}
        class="justify-center"
        aria-label={`Colours: ${theme}. Switch to ${next}`}
        title={`Colours: ${theme}`}
      >
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="2" />
          <path class="half" d={HALF} />
          <path class="full" d={FULL} />
        </svg>
      </button>
    </form>
  );
}

const HALF = "M8 1a7 7 0 0 1 0 14z";
const FULL = "M8 1a7 7 0 0 1 0 14a7 7 0 0 1 0-14z";
