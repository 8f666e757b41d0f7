import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { plainPage } from "../../lib/middleware/plain_page.ts";
import { classesIn } from "../../lib/styles/classes.ts";
import { buildStylesheet } from "../../lib/styles/mod.ts";

const PAGE = { status: 503, title: "Away", words: "Wait.", retryAfterSeconds: 7 };

function request(method: string, cookie = ""): Request {
  return new Request("http://localhost/tasks?q=%22%3E%3Cscript%3E", {
    method,
    headers: { cookie },
  });
}

Deno.test("the stylesheet has every class of a plain page, and no component may use them", async () => {
  const { css } = await buildStylesheet(new URL("../..", import.meta.url).pathname.slice(0, -1));
  const classes = classesIn(await plainPage(request("GET"), PAGE).text());
  assert(classes.includes("button"));
  const missing = classes.filter((name) => !css.includes(`.${name.replace(/[^\w-]/g, "\\$&")}`));
  assertEquals(missing, []);
});

Deno.test("a plain page uses only the theme that the browser chose", async () => {
  for (
    const [cookie, expected] of [
      ["theme=dark", ' data-theme="dark"'],
      ["theme=light", ' data-theme="light"'],
      ["theme=%22%3E", ""],
      ["", ""],
    ] as const
  ) {
    const html = await plainPage(request("GET", cookie), PAGE).text();
    assertStrictEquals(/<html lang="en"([^>]*)>/.exec(html)?.[1], expected, cookie);
  }
});

for (
  const { method, retryAfterSeconds, reloads } of [
    { method: "GET", retryAfterSeconds: 7, reloads: true },
    { method: "GET", retryAfterSeconds: undefined, reloads: false },
    { method: "POST", retryAfterSeconds: 7, reloads: false },
  ]
) {
  Deno.test(`a plain page for a ${method} to try again in ${retryAfterSeconds} s ${reloads ? "reloads" : "stays"}`, async () => {
    const response = plainPage(request(method), { ...PAGE, retryAfterSeconds });
    assertStrictEquals(response.headers.get("retry-after"), retryAfterSeconds?.toString() ?? null);
    const html = await response.text();
    assertStrictEquals(html.includes('<meta http-equiv="refresh" content="7">'), reloads);
    assertStrictEquals(html.includes('<a href="" class="button">Try again</a>'), reloads);
    assert(!html.includes("script"));
  });
}
