/**
 * Applies JSON Schemas that strangers wrote, with an end to it: some thirty lines of `$ref`s stand for
 * more visits than anybody can wait for, and one pattern can keep its engine busy for ever. Pure.
 */
import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import { isObject, type JsonObject, withDoubles } from "../../base/mod.ts";

/** A schema that is not applied to its end. The message is half a sentence that says why. */
export class UnboundedSchemaError extends Error {
  override name = "UnboundedSchemaError";
}

/** How a schema is applied. */
export interface BoundedValidatorOptions {
  /** At the first place that does not fit, or on to all of them. */
  readonly stopAtFirst?: boolean;
  /** Most subschemas applied to a place, all values of this validator together: some 0.2 s by default. */
  readonly visits?: number;
}

const VISITS = 120_000;
/** So many names or plain values are looked through in the time of a visit. */
const AT_ONCE = 64;

/** A schema (draft 2020-12) to check values against. */
export class BoundedValidator {
  readonly #validator: Validator;

  /** Throws where the schema is none; what only its use shows, {@linkcode errorsIn} throws. */
  constructor(
    schema: JsonObject,
    { stopAtFirst = true, visits = VISITS }: BoundedValidatorOptions = {},
  ) {
    // A copy: it is changed. The library knows no numbers but doubles.
    const own = withDoubles(schema);
    if (!isObject(own)) throw new TypeError("A schema is an object");
    let left = visits;
    guard(own, (cost) => {
      if ((left -= cost) < 0) throw new UnboundedSchemaError("it takes too long to apply");
    });
    this.#validator = new Validator(own as Schema, "2020-12", stopAtFirst);
  }

  /** What does not fit; empty where all does. Throws {@linkcode UnboundedSchemaError}, and at a `$ref` into nowhere. */
  errorsIn(value: unknown): readonly OutputUnit[] {
    const { valid, errors } = this.#validator.validate(withDoubles(value));
    return valid ? [] : errors;
  }
}

/**
 * Makes every object of the schema tell when it is applied. The library reads all keywords of a
 * subschema each time that it applies it, `$recursiveAnchor` among them, which this draft has no use for.
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
    // The API takes neither; a property that is called so has a schema for its value, no text.
    if (typeof node.pattern === "string") watch(node, "pattern", refusePattern);
    if (isObject(node.patternProperties)) watch(node, "patternProperties", refusePattern);
    // Nor this, which compares every item with every other.
    if (node.uniqueItems === true) watch(node, "uniqueItems", refuseUnique);
  }
}

/** What one application costs (visits): enums, names and properties are gone through each time. */
function costOf(node: JsonObject): number {
  let cost = 1;
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      // Objects are compared part by part.
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
