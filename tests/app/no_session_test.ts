/** Every form that is sent without a session says that nothing was sent. */
import { assertEquals } from "@std/assert";
import { findRoutes, pathOf } from "../safety/walk.ts";
import { withApp } from "./test_app.ts";

/** Routes for visitors. */
const FOR_VISITORS = /^\/(auth\/|theme$|admin$|webhooks\/|mcp$)/;

Deno.test("every form sent without a session says that nothing was sent, and where to go on", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const silent: string[] = [];
    for (const route of await findRoutes()) {
      if (!route.methods.includes("POST") || FOR_VISITORS.test(route.pattern)) continue;
      const path = pathOf(route, { browser, runId: "trun_gone", token: "no-token" });
      const response = await browser.post(path, { name: "x" });
      await response.body?.cancel();
      const location = response.headers.get("location") ?? "";
      const query = new URL(location, "http://x").searchParams;
      const says = query.get("problem") === "not-sent" ||
        /[?&]kept=1$/.test(query.get("next") ?? "");
      if (response.status !== 303 || !says) silent.push(`${path}: ${response.status} ${location}`);
    }
    assertEquals(silent, []);
  }));
