/** The request as code in every language, one open at a time. */
import {
  type CodeLanguage,
  LANGUAGE_NAMES,
  LANGUAGES,
  requestCode,
} from "../../lib/tasks/code/mod.ts";
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import { CopyButton } from "../ui/CopyButton.tsx";

export interface RequestCodeProps {
  readonly input: TaskRunInput;
  /** The language that is open at first. */
  readonly open?: CodeLanguage;
}

export function RequestCode({ input, open = "curl" }: RequestCodeProps) {
  return (
    <>
      <p class="about">
        Sends this request to Parallel, billed to{" "}
        <code>PARALLEL_API_KEY</code>. Fill in the MCP header values.
      </p>
      {LANGUAGES.map((language) => {
        const text = requestCode(input, language);
        const name = LANGUAGE_NAMES[language];
        return (
          <details key={language} name="request-code" open={language === open} class="fold">
            <summary>{name}</summary>
            <CopyButton text={text} what={`the ${name}`} />
            <pre class="code" tabIndex={0} aria-label={name}>{text}</pre>
          </details>
        );
      })}
    </>
  );
}
