import { assertEquals } from "@std/assert";
import { writeLine } from "../../lib/base/log.ts";

Deno.test("a line is written at once, and an output that is closed or full stops nothing", () => {
  const written: string[] = [];
  const open = { writeSync: (bytes: Uint8Array) => written.push(new TextDecoder().decode(bytes)) };
  const full = {
    writeSync(): number {
      throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
    },
  };
  writeLine(open, "an é");
  writeLine(full, "lost");
  assertEquals(written, ["an é\n"]);
});
