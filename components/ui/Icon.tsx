/** Lucide's icons (https://lucide.dev, ISC license), as SVG symbols that every page has once. */

/** The icons in use, by their names at Lucide. */
export type IconName =
  | "arrow-down"
  | "arrow-right"
  | "arrow-up"
  | "bell"
  | "brain"
  | "braces"
  | "calendar-clock"
  | "check"
  | "chevron-down"
  | "chevron-right"
  | "chevrons-up"
  | "clipboard-paste"
  | "code-xml"
  | "columns-2"
  | "copy"
  | "corner-down-right"
  | "diamond"
  | "download"
  | "ellipsis"
  | "external-link"
  | "eye"
  | "file-text"
  | "grip-vertical"
  | "list"
  | "list-filter"
  | "pause"
  | "pencil"
  | "play"
  | "plus"
  | "rotate-cw"
  | "search"
  | "share-2"
  | "square-terminal"
  | "sun-moon"
  | "table"
  | "trash-2"
  | "triangle-alert"
  | "undo-2"
  | "upload"
  | "wand-sparkles"
  | "wrench"
  | "x";

export interface IconProps {
  readonly name: IconName;
  /** 12 px beside small text; 16 px otherwise. */
  readonly small?: boolean;
}

/** An icon for the eye alone: the text beside it, or its control's label, says the same. */
export function Icon({ name, small }: IconProps) {
  return (
    <svg class={small ? "icon small" : "icon"} aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  );
}

/** The symbols behind {@link Icon}. `_app.tsx` renders them once a page; their ids start with `i-`. */
export function IconSymbols() {
  return (
    <svg width="0" height="0" class="absolute" aria-hidden="true">
      <symbol id="i-arrow-down" viewBox="0 0 24 24">
        <path d="M12 5v14 M19 12l-7 7-7-7" />
      </symbol>
      <symbol id="i-arrow-right" viewBox="0 0 24 24">
        <path d="M5 12h14 M12 5l7 7-7 7" />
      </symbol>
      <symbol id="i-arrow-up" viewBox="0 0 24 24">
        <path d="m5 12 7-7 7 7 M12 19V5" />
      </symbol>
      <symbol id="i-bell" viewBox="0 0 24 24">
        <path d="M10.268 21a2 2 0 0 0 3.464 0 M3.262 15.326A1 1 0 0 0 4 17h16a1 1 0 0 0 .74-1.673C19.41 13.956 18 12.499 18 8A6 6 0 0 0 6 8c0 4.499-1.411 5.956-2.738 7.326" />
      </symbol>
      <symbol id="i-brain" viewBox="0 0 24 24">
        <path d="M12 18V5 M15 13a4.17 4.17 0 01-3-4 4.17 4.17 0 01-3 4 M17.707 6.294A3 3 0 1012 5a3 3 0 10-5.707 1.294 M17.996 5.125a4 4 0 012.526 5.77 M18 18a4 4 0 002-7.465 M19.967 17.482a4 4 0 11-7.967.517 4 4 0 11-7.967-.517 M6 18a4 4 0 01-2-7.465 M6.004 5.125a4 4 0 00-2.526 5.77" />
      </symbol>
      <symbol id="i-braces" viewBox="0 0 24 24">
        <path d="M8 3H7a2 2 0 0 0-2 2v5a2 2 0 0 1-2 2 2 2 0 0 1 2 2v5c0 1.1.9 2 2 2h1 M16 21h1a2 2 0 0 0 2-2v-5c0-1.1.9-2 2-2a2 2 0 0 1-2-2V5a2 2 0 0 0-2-2h-1" />
      </symbol>
      <symbol id="i-calendar-clock" viewBox="0 0 24 24">
        <path d="M16 14v2.2l1.6 1 M16 2v3 M21 7.338V5a2 2 0 00-2-2H5a2 2 0 00-2 2v14a2 2 0 002 2h2.338 M3 9h5.859 M8 2v3" />
        <circle cx="16" cy="16" r="6" />
      </symbol>
      <symbol id="i-check" viewBox="0 0 24 24">
        <path d="M20 6 9 17l-5-5" />
      </symbol>
      <symbol id="i-chevron-down" viewBox="0 0 24 24">
        <path d="m6 9 6 6 6-6" />
      </symbol>
      <symbol id="i-chevron-right" viewBox="0 0 24 24">
        <path d="m9 18 6-6-6-6" />
      </symbol>
      <symbol id="i-chevrons-up" viewBox="0 0 24 24">
        <path d="m17 11-5-5-5 5 M17 18l-5-5-5 5" />
      </symbol>
      <symbol id="i-clipboard-paste" viewBox="0 0 24 24">
        <path d="M11 14h10 M16 4h2a2 2 0 0 1 2 2v1.344 M17 18l4-4-4-4M8 4H6a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h12a2 2 0 0 0 1.793-1.113" />
        <rect x="8" y="2" width="8" height="4" rx="1" />
      </symbol>
      <symbol id="i-code-xml" viewBox="0 0 24 24">
        <path d="m18 16 4-4-4-4 M6 8l-4 4 4 4 M14.5 4l-5 16" />
      </symbol>
      <symbol id="i-columns-2" viewBox="0 0 24 24">
        <path d="M12 3v18" />
        <rect width="18" height="18" x="3" y="3" rx="2" />
      </symbol>
      <symbol id="i-copy" viewBox="0 0 24 24">
        <path d="M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2" />
        <rect width="14" height="14" x="8" y="8" rx="2" ry="2" />
      </symbol>
      <symbol id="i-corner-down-right" viewBox="0 0 24 24">
        <path d="m15 10 5 5-5 5" />
        <path d="M4 4v7a4 4 0 0 0 4 4h12" />
      </symbol>
      <symbol id="i-diamond" viewBox="0 0 24 24">
        <path d="M2.7 10.3a2.41 2.41 0 0 0 0 3.41l7.59 7.59a2.41 2.41 0 0 0 3.41 0l7.59-7.59a2.41 2.41 0 0 0 0-3.41l-7.59-7.59a2.41 2.41 0 0 0-3.41 0Z" />
      </symbol>
      <symbol id="i-download" viewBox="0 0 24 24">
        <path d="M12 15V3 M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4 M7 10l5 5 5-5" />
      </symbol>
      <symbol id="i-ellipsis" viewBox="0 0 24 24">
        <circle cx="12" cy="12" r="1" />
        <circle cx="19" cy="12" r="1" />
        <circle cx="5" cy="12" r="1" />
      </symbol>
      <symbol id="i-external-link" viewBox="0 0 24 24">
        <path d="M15 3h6v6 M10 14 21 3 M18 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h6" />
      </symbol>
      <symbol id="i-eye" viewBox="0 0 24 24">
        <path d="M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0" />
        <circle cx="12" cy="12" r="3" />
      </symbol>
      <symbol id="i-file-text" viewBox="0 0 24 24">
        <path d="M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.704.706l3.588 3.588A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2z M14 2v5a1 1 0 0 0 1 1h5 M10 9H8 M16 13H8 M16 17H8" />
      </symbol>
      <symbol id="i-grip-vertical" viewBox="0 0 24 24">
        <circle cx="9" cy="12" r="1" />
        <circle cx="9" cy="5" r="1" />
        <circle cx="9" cy="19" r="1" />
        <circle cx="15" cy="12" r="1" />
        <circle cx="15" cy="5" r="1" />
        <circle cx="15" cy="19" r="1" />
      </symbol>
      <symbol id="i-list" viewBox="0 0 24 24">
        <path d="M3 5h.01 M3 12h.01 M3 19h.01 M8 5h13 M8 12h13 M8 19h13" />
      </symbol>
      <symbol id="i-list-filter" viewBox="0 0 24 24">
        <path d="M2 5h20 M6 12h12 M9 19h6" />
      </symbol>
      <symbol id="i-pause" viewBox="0 0 24 24">
        <rect x="14" y="3" width="5" height="18" rx="1" />
        <rect x="5" y="3" width="5" height="18" rx="1" />
      </symbol>
      <symbol id="i-pencil" viewBox="0 0 24 24">
        <path d="M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z M15 5l4 4" />
      </symbol>
      <symbol id="i-play" viewBox="0 0 24 24">
        <path d="M5 5a2 2 0 0 1 3.008-1.728l11.997 6.998a2 2 0 0 1 .003 3.458l-12 7A2 2 0 0 1 5 19z" />
      </symbol>
      <symbol id="i-plus" viewBox="0 0 24 24">
        <path d="M5 12h14 M12 5v14" />
      </symbol>
      <symbol id="i-rotate-cw" viewBox="0 0 24 24">
        <path d="M21 12a9 9 0 1 1-9-9c2.52 0 4.93 1 6.74 2.74L21 8 M21 3v5h-5" />
      </symbol>
      <symbol id="i-search" viewBox="0 0 24 24">
        <path d="m21 21-4.34-4.34" />
        <circle cx="11" cy="11" r="8" />
      </symbol>
      <symbol id="i-share-2" viewBox="0 0 24 24">
        <circle cx="18" cy="5" r="3" />
        <circle cx="6" cy="12" r="3" />
        <circle cx="18" cy="19" r="3" />
        <line x1="8.59" x2="15.42" y1="13.51" y2="17.49" />
        <line x1="15.41" x2="8.59" y1="6.51" y2="10.49" />
      </symbol>
      <symbol id="i-square-terminal" viewBox="0 0 24 24">
        <path d="m7 11 2-2-2-2 M11 13h4" />
        <rect width="18" height="18" x="3" y="3" rx="2" ry="2" />
      </symbol>
      <symbol id="i-sun-moon" viewBox="0 0 24 24">
        <path d="M12 2v2 M14.837 16.385a6 6 0 1 1-7.223-7.222c.624-.147.97.66.715 1.248a4 4 0 0 0 5.26 5.259c.589-.255 1.396.09 1.248.715 M16 12a4 4 0 0 0-4-4 M19 5l-1.256 1.256M20 12h2" />
      </symbol>
      <symbol id="i-table" viewBox="0 0 24 24">
        <path d="M12 3v18 M3 9h18 M3 15h18" />
        <rect width="18" height="18" x="3" y="3" rx="2" />
      </symbol>
      <symbol id="i-trash-2" viewBox="0 0 24 24">
        <path d="M10 11v6 M14 11v6 M19 6v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V6 M3 6h18 M8 6V4a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2" />
      </symbol>
      <symbol id="i-triangle-alert" viewBox="0 0 24 24">
        <path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3 M12 9v4 M12 17h.01" />
      </symbol>
      <symbol id="i-undo-2" viewBox="0 0 24 24">
        <path d="M9 14 4 9l5-5 M4 9h10.5a5.5 5.5 0 0 1 5.5 5.5a5.5 5.5 0 0 1-5.5 5.5H11" />
      </symbol>
      <symbol id="i-upload" viewBox="0 0 24 24">
        <path d="M12 3v12 M17 8l-5-5-5 5M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4" />
      </symbol>
      <symbol id="i-wand-sparkles" viewBox="0 0 24 24">
        <path d="m21.64 3.64-1.28-1.28a1.21 1.21 0 0 0-1.72 0L2.36 18.64a1.21 1.21 0 0 0 0 1.72l1.28 1.28a1.2 1.2 0 0 0 1.72 0L21.64 5.36a1.2 1.2 0 0 0 0-1.72 M14 7l3 3M5 6v4 M19 14v4 M10 2v2 M7 8H3 M21 16h-4 M11 3H9" />
      </symbol>
      <symbol id="i-wrench" viewBox="0 0 24 24">
        <path d="M14.7 6.3a1 1 0 0 0 0 1.4l1.6 1.6a1 1 0 0 0 1.4 0l3.106-3.105c.32-.322.863-.22.983.218a6 6 0 0 1-8.259 7.057l-7.91 7.91a1 1 0 0 1-2.999-3l7.91-7.91a6 6 0 0 1 7.057-8.259c.438.12.54.662.219.984z" />
      </symbol>
      <symbol id="i-x" viewBox="0 0 24 24">
        <path d="M18 6 6 18 M6 6l12 12" />
      </symbol>
    </svg>
  );
}
