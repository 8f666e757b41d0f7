/** The words that mark everything the sandbox makes. */

/** The first line of every text, and the start of every reasoning. */
export const LABEL = "Simulated by the Taskstream sandbox";

/** The same as a sentence of its own. */
export const LABEL_SENTENCE = `${LABEL}: nothing was looked up, and the sources do not exist.`;
