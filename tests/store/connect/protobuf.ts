/** Protocol buffers, as far as KV Connect's messages need them. */
import { Buffer } from "node:buffer";

export type Field = bigint | Uint8Array;

/** A message as it was decoded. */
export type Message = Map<number, Field[]>;

/** The request is answered with a status and a line of text, as the protocol says. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The fields of a message, by number, in order of appearance. */
export function decode(bytes: Uint8Array): Message {
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      if (at >= bytes.length || shift > 63n) throw new Refusal(400, "Request protobuf is invalid");
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Refusal(400, "Request protobuf is invalid");
    return bytes.subarray(at, at += length);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3, wire = tag & 7;
    let value: Field;
    if (wire === 0) value = varint();
    else if (wire === 2) value = take(Number(varint()));
    else if (wire === 1) value = take(8);
    else if (wire === 5) value = take(4);
    else throw new Refusal(400, "Request protobuf is invalid");
    const list = fields.get(field);
    if (list === undefined) fields.set(field, [value]);
    else list.push(value);
  }
  return fields;
}

export const EMPTY = new Uint8Array(0);
/** The messages or byte strings of a field. */
export const messages = (fields: Message, field: number) =>
  (fields.get(field) ?? []).filter((value) => value instanceof Uint8Array);
export const bytesOf = (fields: Message, field: number): Uint8Array => {
  const value = fields.get(field)?.at(-1);
  return value instanceof Uint8Array ? value : EMPTY;
};
export const intOf = (fields: Message, field: number): bigint => {
  const value = fields.get(field)?.at(-1);
  return typeof value === "bigint" ? BigInt.asIntN(64, value) : 0n;
};

/** Builds a message. */
export class Encoder {
  readonly #chunks: Uint8Array[] = [];
  int(field: number, value: number | bigint): this {
    if (BigInt(value) !== 0n) {
      this.#chunks.push(varintBytes(BigInt(field << 3)), varintBytes(BigInt(value)));
    }
    return this;
  }
  /** A message or bytes; written also where empty if `always`. */
  bytes(field: number, value: Uint8Array, always = false): this {
    if (value.length > 0 || always) {
      this.#chunks.push(
        varintBytes(BigInt(field << 3 | 2)),
        varintBytes(BigInt(value.length)),
        value,
      );
    }
    return this;
  }
  done(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }
}

export function varintBytes(value: bigint): Uint8Array {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, value);;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if (rest === 0n) return Uint8Array.from([...out, low]);
    out.push(low | 0x80);
  }
}
