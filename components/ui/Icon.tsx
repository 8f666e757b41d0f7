/**
 * Lucide's icons (https://lucide.dev, ISC license). Their shapes are symbols of `static/icons.svg`, which a
 * browser loads once: in each page they were a third of its bytes.
 */
import { asset } from "fresh/runtime";

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
      <use href={`${asset("/icons.svg")}#${name}`} />
    </svg>
  );
}
