/** Below the form: its request as code, a field to paste a request into, and a link that fills the form. */
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import { FIRST_LINE } from "./Field.tsx";
import { RequestCode } from "./RequestCode.tsx";

export interface RequestToolsProps {
  /** The request of the form as it was rendered, or `null` if it is not valid. */
  readonly request: TaskRunInput | null;
  /** Opens the code, because the person asked for it. */
  readonly showCode: boolean;
  /** Why the pasted text is not a request. */
  readonly pasteProblem: string | null;
  /** A link that fills the form as it was rendered; `null` if it would be too long. */
  readonly link: string | null;
}

export function RequestTools({ request, showCode, pasteProblem, link }: RequestToolsProps) {
  return (
    <div class="tools">
      <details id="request-code" class="fold" open={showCode}>
        <summary>Show as cURL, TypeScript, Python, JSON</summary>
        <div class="stack pb-4">
          {/* After the form's submit button, because Enter in a field presses the first button. */}
          <p class="unscripted">
            <button type="submit" name="show" value="code" class="button">
              Show the code of this form
            </button>{" "}
            Sends nothing to the API.
          </p>
          <div data-tool="code">{request !== null && <RequestCode input={request} />}</div>
        </div>
      </details>
      <details id="request-paste" class="fold" open={pasteProblem !== null}>
        <summary>Fill from a request, a command or code</summary>
        <div class="pb-4">
          <label for="paste">Paste a request</label>
          <p id="paste-hint" class="about">
            JSON, a command (cURL, HTTPie, PowerShell), code (fetch, axios, Python, an SDK) or a
            Postman export. It replaces the current form. API keys in it are dropped.
          </p>
          <textarea
            id="paste"
            name="paste"
            rows={4}
            class="mt-1 font-mono text-sm"
            spellcheck={false}
            aria-invalid={pasteProblem === null ? undefined : "true"}
            aria-describedby="paste-hint paste-error"
          >
            {FIRST_LINE}
          </textarea>
          <p id="paste-error" class="error-text mt-1" hidden={pasteProblem === null}>
            {pasteProblem}
          </p>
          <div class="mt-2" data-tool="paste">
            <button type="submit" name="show" value="paste" class="button">
              Fill the form
            </button>
          </div>
        </div>
      </details>
      <details id="request-link" class="fold">
        <summary>Link that fills this form</summary>
        <div class="pb-4" data-tool="link">
          <p class="about">
            The link opens this form, filled in. Nothing is created until the person sends it. The
            webhook and MCP header values are left out.
          </p>
          {link === null
            ? <p>This form is too long for a link. Share its JSON instead.</p>
            : <a href={link}>Link to this form</a>}
        </div>
      </details>
    </div>
  );
}
