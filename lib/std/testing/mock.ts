/**
 * `@std/testing/mock`: replaces methods during a test.
 *
 * @module
 */

/** Thrown when a mock is misused. */
export class MockError extends Error {
  override name = "MockError";
}

/** A call of a mock: its arguments, and its result or error. */
export interface SpyCall<Self, Args extends unknown[], Return> {
  args: Args;
  returned?: Return;
  error?: Error;
  self?: Self;
}

/** A method that replaces another one until `restore` is called or its scope ends. */
export interface Stub<Self, Args extends unknown[], Return> extends Disposable {
  (this: Self, ...args: Args): Return;
  calls: SpyCall<Self, Args, Return>[];
  restored: boolean;
  restore(): void;
}

type ArgsOf<T> = T extends (...args: infer Args) => unknown ? Args : never;
type ReturnOf<T> = T extends (...args: never[]) => infer Return ? Return : never;

/**
 * Replaces a method of an object by `func`, or by a function that returns undefined. Throws a
 * {@linkcode MockError} if the property is not a method, cannot be replaced, or is already replaced.
 */
export function stub<Self extends object, Name extends keyof Self>(
  self: Self,
  property: Name,
  func: (this: Self, ...args: ArgsOf<Self[Name]>) => ReturnOf<Self[Name]> = () =>
    undefined as never,
): Stub<Self, ArgsOf<Self[Name]>, ReturnOf<Self[Name]>> {
  const own = Object.getOwnPropertyDescriptor(self, property);
  const refuse = (why: string) => new MockError(`Cannot stub: ${why}`);
  if (typeof self[property] !== "function") throw refuse("property is not an instance method");
  if ("restore" in self[property]) throw refuse("already spying on instance method");
  if (own?.configurable === false) throw refuse("non-configurable instance method");
  const restore = () => {
    if (mock.restored) throw new MockError("Cannot restore: instance method already restored");
    if (own) Object.defineProperty(self, property, own);
    else delete self[property];
    mock.restored = true;
  };
  const calls: SpyCall<Self, ArgsOf<Self[Name]>, ReturnOf<Self[Name]>>[] = [];
  const mock = Object.assign(function (this: Self, ...args: ArgsOf<Self[Name]>) {
    const call: typeof calls[number] = { args, self: this };
    try {
      return call.returned = func.apply(this, args);
    } catch (error) {
      call.error = error as Error;
      throw error;
    } finally {
      calls.push(call);
    }
  }, { calls, restored: false, restore, [Symbol.dispose]: restore });
  const { enumerable = false, writable = true } = own ?? {};
  Object.defineProperty(self, property, { configurable: true, enumerable, writable, value: mock });
  return mock;
}
