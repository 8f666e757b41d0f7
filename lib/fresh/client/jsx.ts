/**
 * JSX for islands: Preact's own runtime makes its nodes itself, to save a copy of the props; this
 * leaves that to `h`, which every page has anyway, and is a quarter of a kilobyte lighter.
 */
import { type Attributes, type ComponentType, Fragment, h, type VNode } from "preact";

/** What the compiler makes of an element: `children` are among the props, the key is not. */
export function jsx(type: ComponentType, props: Attributes, key?: Attributes["key"]): VNode {
  return h(type, key === undefined ? props : { ...props, key });
}

export { Fragment, jsx as jsxs };
