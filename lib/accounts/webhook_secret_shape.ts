/** What can be a webhook secret of Parallel's. Pure. */

const SHAPE = /^[\x21-\x7e]{16,512}$/;
/** Standard Webhooks: what follows the prefix is base64. */
const STANDARD = /^whsec_[A-Za-z0-9+/]+={0,2}$/;

/** Whether deliveries can be verified with it; secrets of before mid-2026 need not be base64. */
export function isWebhookSecret(text: string): boolean {
  return SHAPE.test(text) && (!text.startsWith("whsec_") || STANDARD.test(text));
}
