/**
 * Runs tests in a real Chromium. It is found in the usual places and started once per isolate; each test has
 * its own context.
 */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { runInThisContext } from "node:vm";

/** The arguments of a browser test's function. */
export interface BrowserSession {
  /** A context without cookies; its errors fail the test. */
  context: BrowserContext;
  page: Page;
  /** What went wrong in pages so far: uncaught errors, console errors, violated policies. */
  problems: string[];
  /** Opens a context like another browser's. All are closed after the test. */
  newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
}

/** How a browser test runs: the options of its context, among others. */
export interface BrowserOptions extends BrowserContextOptions {
  /** Problems are expected; the test looks at them itself. Default: they fail it. */
  allowProblems?: boolean;
  /** Needs what Chromium has around its pages. Default: runs in the shell, if there is one. */
  needsWindows?: boolean;
}

/**
 * Chromium without a window around its pages: the same engine takes a fraction of the time. Debian's package is
 * `chromium-headless-shell`.
 */
const SHELL = "/usr/bin/chromium-headless-shell";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Features of Chromium that are off. The first ones are Playwright's own list, which ours replaces. The others
 * are the address bar's popup: since Chromium 156 it has a renderer of its own in every window, which takes a
 * third of the time of opening one.
 */
const FEATURES_OFF = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "TcpPortRandomizationWin",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
  "WebUIOmniboxFullPopup",
];

/** For a Chromium that runs as root and reaches no network. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--disable-features=${FEATURES_OFF}`,
];

/** The browser to use: `CHROMIUM_PATH`, else the first usual place that exists, else null. */
export const findChromium = (): string | null => findIn(USUAL_PLACES);

function findIn(places: readonly string[]): string | null {
  const given = Deno.env.get("CHROMIUM_PATH");
  if (given) return given;
  return places.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }) ?? null;
}

const NONE = "no Chromium found: install one (apt-get install chromium) or set CHROMIUM_PATH";

/** The browsers of this isolate's tests by their paths, once the first test has asked for one. */
const launched = new Map<string, Promise<Browser>>();
let registered = false;

/** Launches the browser if there is none, or if the one before has crashed. */
async function browserAt(executablePath: string): Promise<Browser> {
  const before = await launched.get(executablePath);
  if (before?.isConnected()) return before;
  const browser = chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  launched.set(executablePath, browser);
  return await browser;
}

async function closeBrowsers(): Promise<void> {
  for (const browser of launched.values()) await (await browser).close();
}

/** The arguments of {@linkcode browserTest}. */
type BrowserTest = [
  name: string,
  run: (session: BrowserSession) => Promise<void>,
  options?: BrowserOptions,
];

function definitionOf(...[name, run, options = {}]: BrowserTest): Deno.TestDefinition {
  const executablePath = findIn(options.needsWindows ? USUAL_PLACES : [SHELL, ...USUAL_PLACES]);
  const required = Deno.env.get("REQUIRE_BROWSER") === "1";
  if (!registered) Deno.test.afterAll(closeBrowsers);
  registered = true;
  return {
    name: executablePath === null ? `${name} (${NONE})` : name,
    ignore: executablePath === null && !required,
    // Playwright keeps timers and the pipe of its process to itself.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      if (executablePath === null) throw new Error(NONE);
      await withBrowser(executablePath, options, run);
    },
  };
}

/**
 * A test in a real browser. Without one it is reported as ignored, with the reason in its name; where
 * `REQUIRE_BROWSER=1` says that there has to be one, it fails.
 *
 * As in deadline.ts, reports name the file that calls it, because `Deno.test` is called in an `ext:` file.
 */
export const browserTest: (...test: BrowserTest) => void = runInThisContext(
  `(definitionOf) => (...test) => Deno.test(definitionOf(...test))`,
  { filename: "ext:browser_test" },
)(definitionOf);

/** The timeout of an action (ms): long, because a browser on a busy machine is slow. */
const PATIENCE_MS = 120_000;

/**
 * Turns animations off, except in tests about motion. Without a GPU, drawing page transitions and the marks of
 * live runs takes a quarter of the time.
 */
const STILL: BrowserContextOptions = { reducedMotion: "reduce" };

/**
 * The shell always denies notifications, so pages would not offer them. Report the permission of a browser that
 * has not asked yet.
 */
function allowAsking(): void {
  if (globalThis.Notification?.permission !== "denied") return;
  Object.defineProperty(Notification, "permission", { value: "default", configurable: true });
}

/** The console message of a live page that reconnects after the test's server has stopped. */
const SERVER_GONE = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)/;

async function withBrowser(
  executablePath: string,
  options: BrowserOptions,
  run: (session: BrowserSession) => Promise<void>,
): Promise<void> {
  const { allowProblems, needsWindows: _, ...contextOptions } = options;
  const browser = await browserAt(executablePath);
  try {
    const newContext = async (options?: BrowserContextOptions) => {
      const context = await browser.newContext({ ...STILL, ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      await context.addInitScript(allowAsking);
      return context;
    };
    const context = await newContext(contextOptions);
    const problems: string[] = [];
    context.on("weberror", (error) => {
      const text = String(error.error());
      // Chromium reports a page transition that is cut short, such as by the next click. Pages are unaffected.
      if (!/\bTransition was (?:aborted|skipped)/.test(text)) problems.push(text);
    });
    context.on("console", (message) => {
      // Browsers ask for an icon whether there is one or not.
      if (message.location().url.endsWith("/favicon.ico")) return;
      if (SERVER_GONE.test(message.text())) return;
      if (message.type() === "error") problems.push(message.text());
    });
    const page = await context.newPage();
    await run({ context, page, problems, newContext }).catch((error) => {
      if (error instanceof Error) {
        error.message += `\nAt ${page.url()}, with ${problems.length} problems: ${problems.join()}`;
      }
      throw error;
    });
    if (!allowProblems && problems.length > 0) {
      throw new Error(`The page had problems:\n${problems.join("\n")}`);
    }
  } finally {
    await Promise.all(browser.contexts().map((each) => each.close()));
  }
}
