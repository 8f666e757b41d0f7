import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import {
  adviceFor,
  type ApiFailure,
  errorBody,
  mayHaveCreated,
  parseErrorBody,
} from "../../lib/parallel/errors.ts";

const REF = "fcb2b4f3-c75e-4186-87bc-caa1a8381331";

Deno.test("the canonical error body is built and read", () => {
  const body = errorBody("Unauthorized", { refId: REF });
  assertEquals(body, {
    type: "error",
    error: { ref_id: REF, message: "Unauthorized", detail: null },
  });
  assertEquals(parseErrorBody(401, body), {
    kind: "refused",
    status: 401,
    refId: REF,
    message: "Unauthorized",
    detail: null,
  });
});

const BODIES: readonly (readonly [string, unknown, string, string | null])[] = [
  [
    "the validation shape",
    { detail: [{ loc: ["body", "inputs", 0], msg: "Field required", type: "missing" }] },
    "inputs.0: Field required",
    null,
  ],
  ["a plain detail", { detail: "Not Found" }, "Not Found", null],
  ["no type and no reference", { error: { message: "No" } }, "No", null],
  [
    "wrong fields in its detail",
    errorBody("Request validation error", {
      refId: REF,
      detail: {
        errors: [{ loc: ["body", "input"], msg: "Too long" }, { loc: ["body"], msg: "No JSON" }],
      },
    }),
    "Request validation error: input: Too long; No JSON",
    REF,
  ],
  [
    "an object of another shape",
    { oops: 1 },
    "The API responded with status 422 and no explanation",
    null,
  ],
  ["a list", [], "The API responded with status 422 and no explanation", null],
  ["nothing", undefined, "The API responded with status 422 and no explanation", null],
  [
    "entries that are none",
    { detail: [1, {}] },
    "The API responded with status 422 and no explanation",
    null,
  ],
];
for (const [name, body, message, refId] of BODIES) {
  Deno.test(`a body with ${name} is read with its own message`, () => {
    const failure = parseErrorBody(422, body);
    assertStrictEquals(failure.message, message);
    assertStrictEquals(failure.refId, refId);
    assertStrictEquals(failure.kind, "refused");
  });
}

const failure = (more: Partial<ApiFailure>): ApiFailure => ({
  kind: "refused",
  status: null,
  refId: null,
  message: "",
  detail: null,
  ...more,
});
const ADVICE: readonly (readonly [Partial<ApiFailure>, RegExp])[] = [
  [{ status: 401 }, /sign in with a valid key/],
  [{ status: 402 }, /Add credit.*Nothing was billed/],
  [{ status: 403 }, /Choose another/],
  [{ status: 404 }, /run ID/],
  [{ status: 408 }, /Try again later/],
  [{ status: 409 }, /in a moment/],
  [{ status: 413 }, /too large/],
  [{ status: 422 }, /Change what the message names/],
  [{ status: 429 }, /Wait a minute/],
  [{ status: 429, retryAfterSeconds: 7 }, /in 7 s/],
  [{ status: 500 }, /internal error/],
  [{ status: 503 }, /internal error/],
  [{ status: 418 }, /as the message says/],
  [{ kind: "unreachable", message: "connection refused" }, /connection.*Nothing was sent/],
  [{ kind: "unreachable", message: "connection reset" }, /may have been created/],
  [{ status: 504 }, /may have been created/],
  [{ kind: "timeout" }, /before you resend it/],
  [{ kind: "malformed", status: 200 }, /may have been created/],
  [{ kind: "malformed", status: 302 }, /API address/],
];
for (const [more, advice] of ADVICE) {
  Deno.test(`${more.kind ?? "refused"} ${more.status ?? ""} says what to do next`, () => {
    assertMatch(adviceFor(failure(more)), advice);
  });
}

const CREATED: readonly (readonly [boolean, string, Partial<ApiFailure>])[] = [
  [true, "no answer in time", { kind: "timeout" }],
  [true, "a connection that broke", {
    kind: "unreachable",
    message: "error sending request: client error (SendRequest): connection closed before message",
  }],
  [false, "a connection that was never made", {
    kind: "unreachable",
    message: "error sending request: client error (Connect): tcp connect error: os error 111",
  }],
  [false, "a name that does not exist", {
    kind: "unreachable",
    message: "getaddrinfo ENOTFOUND x",
  }],
  [true, "a success that makes no sense", { kind: "malformed", status: 202 }],
  [false, "a redirect", { kind: "malformed", status: 302 }],
  [false, "a page of a proxy's own", { kind: "malformed", status: 403 }],
  [true, "a gateway that gave up", { status: 504 }],
  [true, "a gateway without an answer", { status: 502 }],
  [false, "an API that is not there", { status: 503 }],
  [false, "a refusal", { status: 422 }],
];
for (const [expected, name, more] of CREATED) {
  Deno.test(`${name} ${expected ? "may have" : "has not"} created a run`, () => {
    assertStrictEquals(mayHaveCreated(failure(more)), expected);
  });
}
