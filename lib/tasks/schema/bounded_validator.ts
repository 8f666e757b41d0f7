/**
 * Applies untrusted JSON Schemas in bounded time. Thirty lines of `$ref`s can cause exponentially many
 * visits, and one pattern can keep the regular expression engine busy forever. Pure.
 */
import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import { isObject, type JsonObject, withDoubles } from "../../base/mod.ts";

/** Thrown when a schema is too costly to apply. The message is a clause that says why. */
export class UnboundedSchemaError extends Error {
  override name = "UnboundedSchemaError";
}

/** Options for applying a schema. */
export interface BoundedValidatorOptions {
  /** Whether to stop at the first error or collect all of them. */
  readonly stopAtFirst?: boolean;
  /** Maximum subschema visits over all values of this validator. The default takes about 0.2 s. */
  readonly visits?: number;
}

const VISITS = 120_000;
/** Names or plain values that cost as much time as one visit. */
const AT_ONCE = 64;

/** Validates values against a schema (draft 2020-12). */
export class BoundedValidator {
  readonly #validator: Validator;

  /** @throws if the schema is invalid. {@linkcode errorsIn} throws for problems that appear only on use. */
  constructor(
    schema: JsonObject,
    { stopAtFirst = true, visits = VISITS }: BoundedValidatorOptions = {},
  ) {
    // Copy the schema, because it is changed. The library handles only doubles.
    const own = withDoubles(schema);
    if (!isObject(own)) throw new TypeError("A schema is an object");
    let left = visits;
    guard(own, (cost) => {
      if ((left -= cost) < 0) throw new UnboundedSchemaError("it takes too long to apply");
    });
    this.#validator = new Validator(own as Schema, "2020-12", stopAtFirst);
  }

  /**
   * Returns the validation errors. @throws {UnboundedSchemaError} if it takes too long, and another error for
   * an unresolved `$ref`.
   */
  errorsIn(value: unknown): readonly OutputUnit[] {
    const { valid, errors } = this.#validator.validate(withDoubles(value));
    return valid ? [] : errors;
  }
}

/**
 * Counts each time an object of the schema is applied. The library reads all keywords of a subschema on each
 * visit, including `$recursiveAnchor`, which this draft does not use.
 */
function guard(root: JsonObject, onVisit: (cost: number) => void): void {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node) || isObject(node)) {
      for (const each of Object.values(node)) if (each instanceof Object) open.push(each);
    }
    if (!isObject(node)) continue;
    const cost = costOf(node);
    watch(node, "$recursiveAnchor", () => onVisit(cost));
    // The API accepts neither. A property with this name has a schema as its value, not a string.
    if (typeof node.pattern === "string") watch(node, "pattern", refusePattern);
    if (isObject(node.patternProperties)) watch(node, "patternProperties", refusePattern);
    // Reject this too: it compares every item with every other.
    if (node.uniqueItems === true) watch(node, "uniqueItems", refuseUnique);
  }
}

/** The cost of one visit: enums, names and properties are scanned each time. */
function costOf(node: JsonObject): number {
  let cost = 1;
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      // Objects are compared recursively.
      for (const each of value) cost += each instanceof Object ? 1 : 1 / AT_ONCE;
    } else if (isObject(value)) cost += Object.keys(value).length / AT_ONCE;
  }
  return cost;
}

function watch(node: JsonObject, name: string, onRead: () => void): void {
  const value = node[name];
  const enumerable = Object.hasOwn(node, name);
  Object.defineProperty(node, name, {
    enumerable,
    get: () => {
      onRead();
      return value;
    },
  });
}

function refuseUnique(): never {
  throw new UnboundedSchemaError("it asks for unique items, which are not compared here");
}

function refusePattern(): never {
  throw new UnboundedSchemaError("it holds a pattern, which is not run here");
}
