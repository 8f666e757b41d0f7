/** Shows the form's request as code and as a link, and fills the form from a pasted request. */
import { jsonChars } from "../../lib/base/mod.ts";
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { FIRST_LINE } from "./Field.tsx";
import { RequestCode } from "./RequestCode.tsx";

export interface RequestToolsProps {
  /** The request of the form as it was rendered, or `null` if it is not valid. */
  readonly request: TaskRunInput | null;
  /** Opens the code, because the person asked for it. */
  readonly showCode: boolean;
  /** A link that fills the form as it was rendered; `null` if it would be too long. */
  readonly link: string | null;
}

/** The longest request whose code is in a page (characters). The page has it eight times, escaped, and at most 4 MB. */
const CODE_CHARS = 60_000;

/** At the end of the options' row. */
export function RequestTools({ request, showCode, link }: RequestToolsProps) {
  return (
    <details id="request-code" class="option ml-auto" open={showCode}>
      <summary>
        <Icon name="code-xml" /> Show as cURL<span class="sr-only">, TypeScript, Python, JSON</span>
      </summary>
      <div class="stack">
        <p class="unscripted">
          <button type="submit" name="show" value="code" class="button">
            Show the code of this form
          </button>{" "}
          Sends nothing to the API.
        </p>
        <div data-tool="code">
          {request !== null &&
            (jsonChars(request) > CODE_CHARS
              ? <p>This form is too long for its code to be shown.</p>
              : <RequestCode input={request} />)}
        </div>
        <details id="request-link" class="fold">
          <summary>Link that fills this form</summary>
          <div data-tool="link">
            <p class="about">
              The link opens this form, filled in. Nothing is created until the person sends it. The
              webhook and MCP header values are left out.
            </p>
            {link === null
              ? <p>This form is too long for a link. Share its JSON instead.</p>
              : <a href={link} aria-current="false">Link to this form</a>}
          </div>
        </details>
      </div>
    </details>
  );
}

/** Fills the form from a pasted request. The field is beside the form and submitted with it. */
export function PasteRequest({ problem, formId }: {
  /** Why the pasted text is not a request. */
  readonly problem: string | null;
  readonly formId: string;
}) {
  return (
    <details id="request-paste" class="side-tool" open={problem !== null}>
      <summary>
        <Icon name="clipboard-paste" /> Paste a request
      </summary>
      <label for="paste" class="sr-only">Request to paste</label>
      <p id="paste-hint" class="about">
        JSON, a command (cURL, HTTPie, PowerShell), code (fetch, axios, Python, an SDK) or a Postman
        export. It replaces the current form. API keys in it are dropped.
      </p>
      <textarea
        id="paste"
        name="paste"
        form={formId}
        rows={4}
        class="mt-1 font-mono text-sm"
        spellcheck={false}
        aria-invalid={problem === null ? undefined : "true"}
        aria-describedby="paste-hint paste-error"
      >
        {FIRST_LINE}
      </textarea>
      <p id="paste-error" class="error-text mt-1" hidden={problem === null}>{problem}</p>
      <div class="mt-2" data-tool="paste">
        <button type="submit" form={formId} name="show" value="paste" class="button">
          Fill the form
        </button>
      </div>
    </details>
  );
}
