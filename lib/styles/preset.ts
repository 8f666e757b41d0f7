/**
 * The Twind preset: Tailwind's utilities with this project's tokens instead of Tailwind's theme. A colour or size
 * outside the design has no class.
 */
import { defineConfig, twind, virtual } from "@twind/core";
import presetTailwind from "@twind/preset-tailwind";
import { LIGHT, TYPE_SCALE } from "./tokens.ts";

const roles = Object.keys(LIGHT).map((role) => [role, `var(--${role})`] as const);

/** A generator that turns class names into rules. A name without a rule adds nothing. */
export function createUtilities(): { add(name: string): void; readonly rules: readonly string[] } {
  const sheet = virtual();
  const tw = twind(CONFIG, sheet);
  return { add: (name) => void tw(name), rules: sheet.target };
}

const CONFIG = defineConfig({
  // Keep class names readable: the same as in the sources.
  hash: false,
  presets: [presetTailwind({ disablePreflight: true })],
  theme: {
    colors: { ...Object.fromEntries(roles), transparent: "transparent", current: "currentColor" },
    fontFamily: { sans: "var(--sans)", mono: "var(--mono)" },
    fontSize: Object.fromEntries(
      Object.entries(TYPE_SCALE).map(([name, [size, line]]) => [name, [size, line]]),
    ),
    fontWeight: { normal: "400", semibold: "600" },
    screens: { sm: "45rem", lg: "64rem" },
  },
});
