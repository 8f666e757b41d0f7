/**
 * A menu without script: a disclosure whose panel floats. Menus of one group close each other; page.js closes
 * them on Escape and on a click elsewhere. The items are `li`s with a link, a button or a form.
 */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon.tsx";

export interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** Only the icon is shown; readers hear the label. */
  readonly iconOnly?: boolean;
  /** The panel opens from the button's left edge on, not up to its right edge. */
  readonly fromStart?: boolean;
  readonly children: ComponentChildren;
}

export function Menu({ label, icon, iconOnly, fromStart, children }: MenuProps) {
  return (
    <details class={fromStart ? "menu start" : "menu"} name="menu">
      <summary class="button ghost">
        <Icon name={icon} /> <span class={iconOnly ? "sr-only" : ""}>{label}</span>
      </summary>
      <ul>{children}</ul>
    </details>
  );
}
