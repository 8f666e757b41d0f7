/**
 * The design tokens: colour roles for light and dark, the type scale and the fonts. Colours are defined only
 * here. Everything else names a role.
 */

/**
 * A colour's role. `raised` floats over the page, `sunk` lies below it, `line` only separates, `edge` outlines
 * controls (contrast 3:1). `accent` marks live and clickable things, `tint` selected and open ones.
 */
export type ColourRole =
  | "paper"
  | "raised"
  | "sunk"
  | "ink"
  | "soft"
  | "line"
  | "edge"
  | "accent"
  | "on-accent"
  | "tint"
  | "warn"
  | "warn-tint"
  | "bad"
  | "bad-tint";

/** The colour roles of one scheme, as six-digit hex. */
export type Palette = Readonly<Record<ColourRole, string>>;

export const LIGHT: Palette = {
  "paper": "#fbfcfa",
  "raised": "#ffffff",
  "sunk": "#f2f5f1",
  "ink": "#151a17",
  "soft": "#58615c",
  "line": "#dfe4df",
  "edge": "#808a84",
  "accent": "#00685c",
  "on-accent": "#ffffff",
  "tint": "#e0f0ec",
  "warn": "#744b00",
  "warn-tint": "#fbefd0",
  "bad": "#a9251b",
  "bad-tint": "#fbe8e5",
};

export const DARK: Palette = {
  "paper": "#0f1311",
  "raised": "#1a211e",
  "sunk": "#161c19",
  "ink": "#e5eae7",
  "soft": "#9ba6a0",
  "line": "#27302b",
  "edge": "#6d7872",
  "accent": "#62cdb9",
  "on-accent": "#04211c",
  "tint": "#12302a",
  "warn": "#e7bd66",
  "warn-tint": "#2c230e",
  "bad": "#ff9b90",
  "bad-tint": "#371a15",
};

/** The shadow of floating panels. In the dark, where shadows are invisible, it is a ring of one pixel. */
const SHADOW = {
  light: "0 1px 2px rgb(16 32 24 / .05),0 16px 40px -12px rgb(16 32 24 / .22)",
  dark: "0 0 0 1px #333d38,0 20px 48px -12px rgb(0 0 0 / .7)",
};

/**
 * Sizes with their line heights (rem): marks, the interface, text and headings, answers, titles, and the
 * headline of the landing page.
 */
export const TYPE_SCALE: Readonly<
  Record<"xs" | "sm" | "base" | "md" | "lg" | "xl", readonly [string, string]>
> = {
  xs: ["0.75rem", "1rem"],
  sm: ["0.8125rem", "1.25rem"],
  base: ["0.9375rem", "1.5rem"],
  md: ["1.0625rem", "1.5rem"],
  lg: ["1.375rem", "1.75rem"],
  xl: ["2rem", "2.5rem"],
};

// Named fonts come before `system-ui`, which can be any font on Linux.
const SANS =
  '-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,system-ui,sans-serif';
const MONO =
  'ui-monospace,"SF Mono",SFMono-Regular,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace';

/**
 * With forced colours, roles use the user's colours. Marks that consist of a background only keep their colour
 * (base.css).
 */
const FORCED: Readonly<Record<ColourRole, string>> = {
  "paper": "Canvas",
  "raised": "Canvas",
  "sunk": "Canvas",
  "ink": "CanvasText",
  "soft": "CanvasText",
  "line": "GrayText",
  "edge": "CanvasText",
  "accent": "LinkText",
  "on-accent": "Canvas",
  "tint": "Canvas",
  "warn": "CanvasText",
  "warn-tint": "Canvas",
  "bad": "CanvasText",
  "bad-tint": "Canvas",
};

function declarations(palette: Palette): string {
  return Object.entries(palette).map(([role, colour]) => `--${role}:${colour}`).join(";");
}

/** The tokens as CSS custom properties: the system's scheme, unless `data-theme` overrides it. */
export function tokenCss(): string {
  const light = `color-scheme:light;--shadow:${SHADOW.light};${declarations(LIGHT)}`;
  const dark = `color-scheme:dark;--shadow:${SHADOW.dark};${declarations(DARK)}`;
  const sizes = Object.entries(TYPE_SCALE).map(([name, [size, line]]) =>
    `--${name}:${size}/${line}`
  )
    .join(";");
  return [
    `:root{--sans:${SANS};--mono:${MONO};${sizes};${light}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}`,
    `:root[data-theme=dark]{${dark}}`,
    // Repeated three times, to outrank a chosen theme.
    `@media (forced-colors:active){:root:root:root{${declarations(FORCED)}}}`,
  ].join("\n");
}
