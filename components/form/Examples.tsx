/** Ready-made tasks. A link fills the form on the server; the island fills it in place. */
import { EXAMPLES } from "../../lib/tasks/fields/mod.ts";

export function Examples() {
  return (
    <section aria-labelledby="examples">
      <h2 id="examples">Start from an example</h2>
      <ul class="lines">
        {EXAMPLES.map((example) => (
          <li key={example.id}>
            <a href={`/?example=${encodeURIComponent(example.id)}`} data-example={example.id}>
              {example.title}
            </a>
            <p class="text-sm text-muted">{example.summary}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
