/** Why the browser may show no response, and what to do then. */
import { useEffect } from "preact/hooks";
import { CopyButton } from "../../../components/ui/CopyButton.tsx";
import { curlCommand, whyNothing } from "./no_response.ts";
import type { StreamRequest } from "./request.ts";

export interface UnansweredProps {
  readonly request: StreamRequest;
  /** The browser's. */
  readonly message: string;
}

export function Unanswered({ request, message }: UnansweredProps) {
  useEffect(() => {
    // The place for this was scrolled to before this was there.
    document.getElementById("findings")?.scrollIntoView({ block: "nearest" });
  }, []);
  const command = curlCommand(request);
  return (
    <div class="notice mt-2">
      <p>
        <b>The browser hides the response from this page</b>{" "}
        ({message}). It does not say why. Most likely first:
      </p>
      <ol class="mt-2 mb-2 list-decimal pl-5">
        {whyNothing(request, location.origin, navigator.onLine).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ol>
      <p>
        A terminal has no such restriction. Run this, then drop <code>stream.txt</code> here:
      </p>
      <pre class="stream-raw" tabIndex={0}>{command}</pre>
      <CopyButton text={command} what="the command" />
    </div>
  );
}
