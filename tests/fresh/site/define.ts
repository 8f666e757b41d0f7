import { createDefine } from "fresh";

/** The state that the middlewares pass on. */
export interface State {
  steps: string[];
}

export const define = createDefine<State>();
