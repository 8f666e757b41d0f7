import { createDefine } from "fresh";

/** What the middlewares hand on. */
export interface State {
  steps: string[];
}

export const define = createDefine<State>();
