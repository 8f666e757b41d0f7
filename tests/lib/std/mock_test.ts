/** `@std/testing/mock` as its documentation says, whatever it resolves to. */
import assert from "node:assert/strict";
import { MockError, stub } from "@std/testing/mock";

class Clock {
  constructor(readonly zone: string) {}
  at(hour: number, minute = 0): string {
    return `${hour}:${minute} ${this.zone}`;
  }
}

Deno.test("a method is replaced until restored, and its calls are recorded", () => {
  const clock = new Clock("UTC");
  const stubbed = stub(clock, "at", function (hour) {
    return `${this.zone} ${hour}`;
  });
  assert.equal(clock.at(1), "UTC 1");
  assert.equal(clock.at(2, 3), "UTC 2");
  assert.deepEqual(
    stubbed.calls.map(({ args, returned, self }) => [args, returned, self === clock]),
    [
      [[1], "UTC 1", true],
      [[2, 3], "UTC 2", true],
    ],
  );
  assert.equal(new Clock("CET").at(1), "1:0 CET", "another object keeps its own");
  stubbed.restore();
  assert.equal(stubbed.restored, true);
  assert.equal(clock.at(1), "1:0 UTC");
  assert.ok(!Object.hasOwn(clock, "at"), "an inherited method is inherited again");
  assert.throws(() => stubbed.restore(), MockError);
});

Deno.test("a mock without a function does nothing", () => {
  const box = { value: (x: number) => x };
  using stubbed = stub(box, "value");
  assert.equal(box.value(1), undefined);
  assert.equal(stubbed.calls.length, 1);
});

Deno.test("the end of a mock's scope always restores the method", () => {
  const box = { value: () => 1 };
  assert.throws(() => {
    using _ = stub(box, "value", () => 2);
    assert.equal(box.value(), 2);
    throw new Error("midway");
  }, /midway/);
  assert.equal(box.value(), 1);
});

Deno.test("its errors are rethrown and recorded", () => {
  const error = new Error("broken");
  const box = { value: () => 1 };
  using stubbed = stub(box, "value", () => {
    throw error;
  });
  assert.throws(() => box.value(), error);
  assert.equal(stubbed.calls[0]?.error, error);
});

Deno.test("non-methods, read-only members and existing mocks are rejected", () => {
  const box = { text: "x", value: () => 1 };
  assert.throws(() => stub(box, "text" as "value"), MockError);
  const fixed = Object.freeze({ value: () => 1 });
  assert.throws(() => stub(fixed, "value"), MockError);
  using _ = stub(box, "value");
  assert.throws(() => stub(box, "value"), MockError);
});
