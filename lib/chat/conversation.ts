/** What was said, and how it changes. Pure: the chat keeps one value and replaces it. */

/** One thing said, by one side. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** A conversation as every API is told it: instructions, then turns that alternate. */
export interface Conversation {
  readonly system?: string;
  readonly turns: readonly Turn[];
  /** The last question, also where no answer came and it is no turn any more. */
  readonly question?: { readonly text: string; readonly answered: boolean };
}

export type Change =
  | { readonly type: "asked"; readonly text: string }
  /** An answer, whole or what came of it before it was stopped or broke. */
  | { readonly type: "answered"; readonly text: string }
  /** The last question once more, in place of the answer it got. */
  | { readonly type: "asked again" }
  | { readonly type: "forgotten" };

/** A conversation with nothing said yet. */
export function begin(system?: string): Conversation {
  return { ...(system === undefined ? {} : { system }), turns: [] };
}

/**
 * The conversation after a change.
 *
 * An answer of nothing but white space takes its question back: APIs refuse an empty message, and
 * two questions in a row.
 */
export function change(conversation: Conversation, what: Change): Conversation {
  const { turns, question } = conversation;
  switch (what.type) {
    case "asked":
      return {
        ...conversation,
        turns: [...turns, { role: "user", text: what.text }],
        question: { text: what.text, answered: false },
      };
    case "answered": {
      const answered = what.text.trim() !== "";
      return {
        ...conversation,
        turns: answered ? [...turns, { role: "assistant", text: what.text }] : turns.slice(0, -1),
        ...(question ? { question: { ...question, answered } } : {}),
      };
    }
    case "asked again": {
      if (!question) return conversation;
      const before = question.answered ? turns.slice(0, -2) : turns;
      return change({ ...conversation, turns: before }, { type: "asked", text: question.text });
    }
    case "forgotten":
      return begin(conversation.system);
  }
}
