/** A request is checked with the browser's own rules before it is made, and explained when it fails. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { askedFirst, curlCommand, whyNothing } from "../../routes/inspect/(_parts)/no_response.ts";
import { readRequest, type RequestText } from "../../routes/inspect/(_parts)/request.ts";

const PAGE = "https://taskstream.example/inspect";
const TEXT: RequestText = { method: "GET", url: "https://api.example/x", headers: "", body: "" };

function requestOf(change: Partial<RequestText>, page = PAGE) {
  const read = readRequest({ ...TEXT, ...change }, page);
  assert(read.ok, read.ok ? "" : read.problem);
  return read.request;
}

Deno.test("Accept defaults to an event stream", () => {
  assertEquals(requestOf({}), {
    method: "GET",
    url: "https://api.example/x",
    headers: [["accept", "text/event-stream"]],
    body: null,
  });
  assertEquals(requestOf({ headers: "Accept: */*" }).headers, [["Accept", "*/*"]]);
});

Deno.test("headers are read one per line, ignoring blank lines and spaces", () => {
  assertEquals(requestOf({ headers: "\n x-api-key :  a:b  \r\nlast-event-id: 3\n" }).headers, [
    ["x-api-key", "a:b"],
    ["last-event-id", "3"],
    ["accept", "text/event-stream"],
  ]);
});

Deno.test("only a JSON body sets its content type", () => {
  const type = (body: string, headers = "") =>
    requestOf({ method: "POST", body, headers }).headers.find(([name]) =>
      name.toLowerCase() === "content-type"
    )?.[1];
  assertStrictEquals(type('{"stream":true}'), "application/json");
  assertStrictEquals(type("a=b"), undefined);
  assertStrictEquals(type("{}", "Content-Type: text/plain"), "text/plain");
});

Deno.test("a URL without a scheme uses https, a path uses this site", () => {
  assertStrictEquals(requestOf({ url: "api.example/v1" }).url, "https://api.example/v1");
  assertStrictEquals(requestOf({ url: "/api/v1/x" }).url, "https://taskstream.example/api/v1/x");
});

Deno.test("a host has a dot or is localhost, an IP address, or the page's own", () => {
  for (
    const url of ["https://a.b/", "https://localhost:9/", "https://10.0.0.1/", "https://[::1]/"]
  ) {
    assertStrictEquals(requestOf({ url }).url, url);
  }
  assertStrictEquals(requestOf({ url: "/x" }, "http://box:8000/inspect").url, "http://box:8000/x");
});

const REFUSED: readonly (readonly [string, Partial<RequestText>, string, RegExp])[] = [
  ["no URL", { url: " " }, "url", /Enter a URL/],
  ["another scheme", { url: "ftp://x/" }, "url", /https:\/\/ or http/],
  ["words that are no URL", { url: "not a url" }, "url", /cannot contain spaces/],
  ["a space after the host", { url: "https://api.example/a b" }, "url", /cannot contain spaces/],
  ["a word that is no host", { url: "hello" }, "url", /“hello” is not a valid host/],
  ["a URL that is none", { url: "https://" }, "url", /https:\/\/ or http/],
  ["a user name in the URL", { url: "https://me:pw@x/" }, "url", /user name/],
  ["plain http from an https page", { url: "http://api.example/" }, "url", /plain http/],
  ["a line that is no header", { headers: "hello" }, "headers", /“hello” is not a header/],
  ["a header with a space in its name", { headers: "x y: 1" }, "headers", /is not a header/],
  [
    "a header with letters that no header carries",
    { headers: "x: é→" },
    "headers",
    /a header cannot contain/,
  ],
  ["a body on a GET", { body: "{}" }, "body", /GET request cannot have a body/],
];

for (const [title, change, field, expected] of REFUSED) {
  Deno.test(`${title} is rejected at its field, with a message`, () => {
    const read = readRequest({ ...TEXT, ...change }, PAGE);
    assert(!read.ok);
    assertStrictEquals(read.field, field);
    assertMatch(read.problem, expected);
  });
}

Deno.test("plain http is allowed to this machine, and from a page loaded over http", () => {
  assertStrictEquals(requestOf({ url: "http://localhost:8080/" }).url, "http://localhost:8080/");
  assertStrictEquals(requestOf({ url: "http://127.0.0.1:1/" }).url, "http://127.0.0.1:1/");
  assertStrictEquals(
    requestOf({ url: "http://x.example/" }, "http://localhost:8000/inspect").url,
    "http://x.example/",
  );
});

Deno.test("the headers that cause a preflight are the Fetch standard's", () => {
  const asked = askedFirst(requestOf({
    method: "POST",
    headers: "X-Api-Key: 1\naccept-language: de\ncontent-type: text/plain; charset=utf-8",
    body: "x",
  }));
  assertEquals(asked, { method: false, headers: ["x-api-key"] });
  assertEquals(askedFirst(requestOf({ method: "PUT", body: "{}" })), {
    method: true,
    headers: ["content-type"],
  });
});

Deno.test("the reasons name the headers that the server would have to send", () => {
  const reasons = whyNothing(
    requestOf({ method: "PUT", headers: "authorization: x" }),
    "https://taskstream.example",
    true,
  );
  assertMatch(reasons[0] ?? "", /api\.example may not let/);
  assertMatch(reasons[0] ?? "", /access-control-allow-origin: https:\/\/taskstream\.example/);
  assertMatch(reasons[0] ?? "", /access-control-allow-headers: authorization/);
  assertMatch(reasons[0] ?? "", /access-control-allow-methods: PUT/);
  assertMatch(reasons[0] ?? "", /OPTIONS/);
  assertNotMatch(whyNothing(requestOf({}), "https://a", true)[0] ?? "", /OPTIONS|-headers/);
  assertNotMatch(whyNothing(requestOf({}), "https://api.example", true).join(), /CORS/);
  assertEquals(whyNothing(requestOf({}), "https://a", false), ["This computer is offline."]);
});

Deno.test("the shell command is quoted to send the same request", async () => {
  const request = requestOf({
    method: "POST",
    url: "https://api.example/a?b='c'",
    headers: "x: it's $HOME",
    body: `{"q":"a'b\\n"}`,
  });
  const command = curlCommand(request).replace(/^curl/, "printf '%s\\n'").replace(
    /> stream.txt$/,
    "",
  );
  const { stdout } = await new Deno.Command("sh", { args: ["-c", command] }).output();
  assertEquals(new TextDecoder().decode(stdout).trimEnd().split("\n"), [
    "-N",
    "-H",
    "x: it's $HOME",
    "-H",
    "accept: text/event-stream",
    "-H",
    "content-type: application/json",
    "--data-binary",
    `{"q":"a'b\\n"}`,
    "https://api.example/a?b=%27c%27",
  ]);
  assertMatch(curlCommand(requestOf({ method: "DELETE" })), /^curl -N -X DELETE /);
});
