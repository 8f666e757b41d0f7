/** The form's fields by the names people see, in the order of the page. */
import type { FormField } from "../../lib/tasks/fields/mod.ts";

export const FIELD_LABELS: Readonly<Record<FormField, string>> = {
  input: "What do you want to know?",
  input_format: "Input format",
  processor: "Processor",
  output_type: "Output",
  text_description: "What the text should be like",
  json_schema: "JSON schema of the output",
  include_domains: "Only these domains",
  exclude_domains: "Never these domains",
  after_date: "Published on or after",
  location: "Search from",
  input_schema: "JSON schema of the input",
  previous_interaction_id: "Follows the run",
  webhook_url: "Webhook",
  metadata: "Metadata",
  mcp_servers: "MCP servers",
  enable_events: "Progress events",
};
