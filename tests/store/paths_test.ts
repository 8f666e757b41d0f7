/** Paths of the database's files. */
import { assertStrictEquals } from "@std/assert";
import { basename, dirname } from "node:path";
import { fileNameOf, parentOf } from "../../lib/store/paths.ts";

for (
  const path of ["kv.db", "data/kv.db", "./kv.db", "../a/kv.db", "/kv.db", "/var/lib/a b/kv.db"]
) {
  Deno.test(`the folder and the name of ${path} match node:path`, () => {
    assertStrictEquals(parentOf(path), dirname(path));
    assertStrictEquals(fileNameOf(path), basename(path));
  });
}
