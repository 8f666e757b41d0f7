/** A download is produced at its own speed, and waits for its reader on disk. */
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Scratch } from "../../lib/limits/scratch.ts";
import { SlowReaderError, Spool } from "../../lib/limits/spool.ts";
import { LargeViews, ViewsBusyError } from "../../lib/limits/views.ts";
import { sha256Hex } from "../../lib/store/parts.ts";

const MIB = 1024 * 1024;

/** Bytes that tell their place. */
const chunk = (at: number, length: number) =>
  Uint8Array.from({ length }, (_, index) => at * 7 + index);

const sha256 = async (parts: Uint8Array<ArrayBuffer>[]) =>
  await sha256Hex(new Uint8Array(await new Blob(parts).arrayBuffer()));

/** Waits for pending work of files and streams. */
const turns = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A spool that counts, and closes all files that it opened. */
function counted(open: () => Promise<Scratch | null> = () => Scratch.open(null)) {
  const scratches: (Scratch | null)[] = [];
  const state = { held: 0, files: 0 };
  const spool = new Spool({
    open: async () => {
      const scratch = await open();
      scratches.push(scratch);
      state.files = scratches.length;
      return scratch;
    },
    count: (bytes) => state.held += bytes,
  });
  return { spool, state };
}

const LENGTHS = [1, 300_000, 10, 200_000, 70_000, 0, 65_536, 400_000, 3, 250_000];

for (
  const [where, open] of [["a disk", undefined], ["no disk", () => Promise.resolve(null)]] as const
) {
  Deno.test(`with ${where}, a reader of any speed gets every byte in order`, async () => {
    for (const readsBefore of [0, 1, 2, 5, 100]) {
      const { spool, state } = counted(open);
      let reads = 0;
      const source = async function* () {
        for (const [at, length] of LENGTHS.entries()) {
          yield chunk(at, length);
          // A reader who keeps up empties the file again and again.
          if (readsBefore === 100) await spool.taken();
          else while (reads < at * readsBefore && state.held > 0) await turns();
        }
      };
      const got: Uint8Array<ArrayBuffer>[] = [];
      for await (const part of spool.stream(source())) {
        reads++;
        got.push(part);
        await turns();
      }
      const whole = LENGTHS.map((length, at) => chunk(at, length));
      assertStrictEquals(await sha256(got), await sha256(whole), `${readsBefore} reads`);
      assertEquals(state.held, 0);
    }
  });
}

Deno.test("an eager download is made whole before it is read, and only its start is in memory", async () => {
  const { spool, state } = counted();
  let made = 0;
  const source = async function* () {
    for (; made < 20; made++) yield new Uint8Array(MIB);
  };
  const stream = spool.stream(source(), { isEager: true });
  await spool.made();
  assertEquals({ made, ...state }, { made: 20, held: 20 * MIB, files: 1 });
  await stream.cancel();
  assertStrictEquals(state.held, 0);
});

Deno.test("another download is not begun before it is read, and short ones need no file", async () => {
  const { spool, state } = counted();
  let isBegun = false;
  const source = async function* () {
    isBegun = true;
    for (let at = 0; at < 100; at++) {
      yield new Uint8Array(64 * 1024);
      await spool.taken();
    }
  };
  const stream = spool.stream(source());
  await turns();
  assert(!isBegun);
  let bytes = 0;
  for await (const part of stream) bytes += part.byteLength;
  assertEquals({ bytes, ...state }, { bytes: 100 * 64 * 1024, held: 0, files: 0 });
});

Deno.test("a reader who leaves ends the work, and a failure reaches the reader after what was made", async () => {
  const left = counted();
  let isOver = false;
  const endless = async function* () {
    try {
      for (;;) yield new Uint8Array(MIB);
    } finally {
      isOver = true;
    }
  };
  const reader = left.spool.stream(endless()).getReader();
  await reader.read();
  await reader.cancel();
  while (!isOver) await turns();
  assertStrictEquals(left.state.held, 0);
  await left.spool.taken();
  await left.spool.made();

  const failed = counted();
  const source = async function* () {
    yield new Uint8Array(MIB);
    await turns();
    throw new Error("The store is away");
  };
  let bytes = 0;
  await assertRejects(async () => {
    for await (const part of failed.spool.stream(source())) bytes += part.byteLength;
  }, "The store is away");
  assertEquals({ bytes, held: failed.state.held }, { bytes: MIB, held: 0 });
});

Deno.test("what waits for readers is bounded, for an address and in all, and less without a disk", async () => {
  const inMemory = () => Promise.resolve(null);
  const limits = { perAddress: 3 * MIB, inAll: 9 * MIB };
  for (
    const [views, each, own, all] of [
      [new LargeViews(undefined, undefined, limits), 1, 3, 9],
      [new LargeViews(undefined, inMemory), 4, 4, 16],
    ] as const
  ) {
    const streams: ReadableStream[] = [];
    const fill = async (address: string) => {
      const download = views.download(address);
      const source = async function* () {
        for (let at = 0; at < 4 * each; at++) yield new Uint8Array(MIB / 4);
      };
      streams.push(download.stream(source(), { isEager: true }));
      await download.made();
    };
    for (let n = 0; n < all; n++) await fill(`client ${Math.floor(n / own)}`);
    assertThrows(() => views.download("client 0"), ViewsBusyError);
    assertThrows(() => views.download("another"), ViewsBusyError);
    for (const stream of streams.splice(0, own)) await stream.cancel();
    views.download("another");
    views.download("client 0");
    assertThrows(() => views.download("client 1"), ViewsBusyError);
    for (const stream of streams) await stream.cancel();
    views.download("client 1");
  }
});

Deno.test("an IPv6 network with many addresses does not take what waits for all readers", async () => {
  const views = new LargeViews(undefined, undefined, { perAddress: 2 * MIB, inAll: 8 * MIB });
  const streams: ReadableStream[] = [];
  const fill = async (address: string) => {
    const download = views.download(address);
    const source = async function* () {
      yield new Uint8Array(2 * MIB);
    };
    streams.push(download.stream(source(), { isEager: true }));
    await download.made();
  };
  for (const at of [1, 2]) await fill(`2001:db8:7:${at}::/64`);
  for (const at of [1, 3]) {
    assertThrows(() => views.download(`2001:db8:7:${at}::/64`), ViewsBusyError);
  }
  await fill("2001:db8:8::/64");
  await fill("192.0.2.1");
  for (const stream of streams) await stream.cancel();
  await fill("2001:db8:7:3::/64");
  await streams.at(-1)?.cancel();
});

/** Timers that end when the test says so, one period after the other. */
function steps() {
  const pending = new Map<number, () => void>();
  let id = 0;
  return {
    pending,
    timers: {
      setTimeout: (run: () => void) => (pending.set(++id, run), id),
      clearTimeout: (id: unknown) => void pending.delete(id as number),
    },
    end() {
      for (const [id, run] of [...pending]) {
        pending.delete(id);
        run();
      }
    },
  };
}

Deno.test("a reader who takes almost nothing of what waits loses the download, and a slow one does not", async () => {
  const { timers, pending, end } = steps();
  const limits = { perAddress: 64 * MIB, inAll: 64 * MIB };
  const views = new LargeViews(timers, undefined, limits);
  const started = async (mib: number) => {
    const download = views.download("one");
    const source = async function* () {
      for (let at = 0; at < mib; at++) yield new Uint8Array(MIB);
    };
    const reader = download.stream(source(), { isEager: true }).getReader();
    await download.made();
    return { reader, taken: 0 };
  };
  const take = async (from: Awaited<ReturnType<typeof started>>, bytes: number) => {
    for (let taken = 0; taken < bytes;) {
      const { value } = await from.reader.read();
      taken += value!.byteLength;
      from.taken += value!.byteLength;
    }
  };
  // The first one stops, the second takes too little of much, and the others enough.
  const readers = [await started(2), await started(24), await started(24), await started(2)];
  end();
  await take(readers[1]!, MIB);
  await take(readers[2]!, 2 * MIB);
  await take(readers[3]!, MIB);
  end();
  for (const at of [0, 1]) {
    await assertRejects(() => readers[at]!.reader.read(), SlowReaderError);
  }
  for (const [at, mib] of [[2, 24], [3, 2]] as const) {
    await take(readers[at]!, mib * MIB - readers[at]!.taken);
    assert((await readers[at]!.reader.read()).done);
  }
  assertStrictEquals(pending.size, 0, "no timer is left");
});

Deno.test("a download is not cut while its reader waits for more of it", async () => {
  const { timers, pending, end } = steps();
  const spool = new Spool({ open: () => Promise.resolve(null), count: () => {}, timers });
  const more = Promise.withResolvers<void>();
  const source = async function* () {
    yield new Uint8Array(10);
    await more.promise;
    yield new Uint8Array(10);
  };
  const reader = spool.stream(source()).getReader();
  assertStrictEquals((await reader.read()).value!.byteLength, 10);
  const next = reader.read();
  for (let at = 0; at < 3; at++) end();
  more.resolve();
  assertStrictEquals((await next).value!.byteLength, 10);
  assert((await reader.read()).done);
  assertStrictEquals(pending.size, 0);
});

Deno.test("when slow readers hold all the room, the costliest download gives way to a new one", async () => {
  let now = 0;
  const limits = { perAddress: 32 * MIB, inAll: 128 * MIB };
  const { timers } = steps();
  const views = new LargeViews(timers, undefined, limits, () => now);
  const started = async (address: string, mib: number) => {
    const download = views.download(address);
    const source = async function* () {
      for (let at = 0; at < 16 * mib; at++) yield new Uint8Array(MIB / 16);
    };
    const reader = download.stream(source(), { isEager: true }).getReader();
    await download.made();
    return { mib, reader, taken: 0, isCut: false };
  };
  type Reader = Awaited<ReturnType<typeof started>>;
  const take = async (from: Reader, bytes: number) => {
    while (from.taken < bytes && !from.isCut) {
      const part = await from.reader.read().catch((error) => {
        assert(error instanceof SlowReaderError);
        return null;
      });
      from.isCut = part === null;
      from.taken += part?.value?.byteLength ?? 0;
    }
  };
  // 64 kbit/s, and a fast one of a large download.
  const slow = await started("slow", 4), fast = await started("fast", 32);
  const hostile: Reader[] = [];
  for (const at of [1, 2, 3]) hostile.push(await started(`large ${at}`, 30));
  for (let at = 0; at < 2; at++) hostile.push(await started("small", 1));
  assertThrows(() => views.download("new"), ViewsBusyError, "", "nobody is judged at once");
  now = 60_000;
  await take(slow, 8_000 * 60);
  await take(fast, 10 * MIB);
  for (const each of hostile) await take(each, each.mib * MIB / 60);
  // The room is full again.
  for (let at = 0; at < 2; at++) hostile.push(await started("filler", 9));
  const isCut = (each: Reader) => take(each, each.taken + 1).then(() => each.isCut);
  views.download("new");
  const cut = await Promise.all(hostile.slice(0, 3).map(isCut));
  assertEquals(cut.filter(Boolean).length, 1, "one of the large ones");
  for (const each of [slow, fast, ...hostile.slice(3)]) assert(!await isCut(each));
  for (const { reader } of [slow, fast, ...hostile]) await reader.cancel().catch(() => {});
});
