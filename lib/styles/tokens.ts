/**
 * The design tokens: colour roles for light and dark, the type scale and the fonts. The only place that
 * spells out a colour; everything else names a role.
 */

/** A colour's role. `raised` floats over the page, `edge` outlines controls (contrast 3:1), `rule` only separates. */
export type ColourRole =
  | "paper"
  | "surface"
  | "raised"
  | "ink"
  | "muted"
  | "rule"
  | "edge"
  | "accent"
  | "on-accent"
  | "accent-soft"
  | "danger"
  | "danger-soft"
  | "caution"
  | "caution-soft";

/** The colour roles of one scheme, as six-digit hex. */
export type Palette = Readonly<Record<ColourRole, string>>;

export const LIGHT: Palette = {
  "paper": "#fbfcfa",
  "surface": "#f1f4f0",
  "raised": "#ffffff",
  "ink": "#171d1a",
  "muted": "#56605b",
  "rule": "#d9deda",
  "edge": "#7d8882",
  "accent": "#00685c",
  "on-accent": "#ffffff",
  "accent-soft": "#dcefea",
  "danger": "#a9251b",
  "danger-soft": "#fae8e5",
  "caution": "#744b00",
  "caution-soft": "#fbefcf",
};

export const DARK: Palette = {
  "paper": "#101412",
  "surface": "#191f1c",
  "raised": "#1a211e",
  "ink": "#e3e8e5",
  "muted": "#9da8a2",
  "rule": "#2b332f",
  "edge": "#6f7a74",
  "accent": "#5ecab6",
  "on-accent": "#04211c",
  "accent-soft": "#12302a",
  "danger": "#ff968a",
  "danger-soft": "#381914",
  "caution": "#e9bd63",
  "caution-soft": "#2f250c",
};

/** Three sizes, each with its line height on the 4 px grid (rem). */
export const TYPE_SCALE: Readonly<Record<"sm" | "base" | "lg", readonly [string, string]>> = {
  sm: ["0.8125rem", "1.25rem"],
  base: ["0.9375rem", "1.5rem"],
  lg: ["1.375rem", "2rem"],
};

export const SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
export const MONO =
  'ui-monospace,"SF Mono",SFMono-Regular,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace';

/**
 * With forced colours, roles use the user's colours. Marks drawn only by a background keep theirs
 * (base.css).
 */
const FORCED: Readonly<Record<ColourRole, string>> = {
  "paper": "Canvas",
  "surface": "Canvas",
  "raised": "Canvas",
  "ink": "CanvasText",
  "muted": "CanvasText",
  "rule": "GrayText",
  "edge": "CanvasText",
  "accent": "LinkText",
  "on-accent": "Canvas",
  "accent-soft": "Canvas",
  "danger": "CanvasText",
  "danger-soft": "Canvas",
  "caution": "CanvasText",
  "caution-soft": "Canvas",
};

function declarations(palette: Palette): string {
  return Object.entries(palette).map(([role, colour]) => `--${role}:${colour}`).join(";");
}

/** The tokens as CSS custom properties: the system's scheme, unless `data-theme` overrides it. */
export function tokenCss(): string {
  const light = `color-scheme:light;${declarations(LIGHT)}`;
  const dark = `color-scheme:dark;${declarations(DARK)}`;
  const [small, smallLine] = TYPE_SCALE.sm;
  const [base, baseLine] = TYPE_SCALE.base;
  const [large, largeLine] = TYPE_SCALE.lg;
  return [
    `:root{--sans:${SANS};--mono:${MONO};` +
    `--sm:${small}/${smallLine};--base:${base}/${baseLine};--lg:${large}/${largeLine};${light}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}`,
    `:root[data-theme=dark]{${dark}}`,
    // Repeated three times, to outrank a chosen theme.
    `@media (forced-colors:active){:root:root:root{${declarations(FORCED)}}}`,
  ].join("\n");
}
