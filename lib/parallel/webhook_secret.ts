/** Reads pasted webhook secrets. Pure. */

/** The problem with a pasted text, in one sentence for the user. */
const PROBLEMS = {
  "empty": "Enter the webhook secret.",
  "several": "These are several secrets. Enter the newest one alone.",
  "asymmetric":
    "This is a key for asymmetric signatures. Parallel signs with a secret that starts with whsec_.",
  "address": "This is an address. Enter the secret shown beside it.",
  "spaces": "A webhook secret has no spaces in it. Copy it again, alone.",
  "prefix": "The secret must start with whsec_. Copy it again, alone.",
  "signature": "This is the signature of a delivery. The secret starts with whsec_.",
  "length": "A webhook secret has 16 to 512 characters, all of them ASCII. Copy it again.",
  "characters": "After whsec_ there are only letters, digits, + / and =. Copy the secret again.",
  "cut": "The secret is cut off: characters are missing after whsec_. Copy it again.",
} as const;

/** Identifies the problem with a pasted text. */
export type WebhookSecretProblem = keyof typeof PROBLEMS;

/** A secret that can verify deliveries, or the problem with the text. */
export type WebhookSecretReading =
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly problem: WebhookSecretProblem; readonly why: string };

/** Returns the sentence for a problem, or `null` for any other text. */
export function webhookSecretProblem(name: string): string | null {
  return Object.entries(PROBLEMS).find(([problem]) => problem === name)?.[1] ?? null;
}

const PREFIX = "whsec_";
/** Secrets from before mid-2026 are any text like this, and the whole text is the key. */
const LEGACY = /^[\x21-\x7e]{16,512}$/;
/** Base64 in either alphabet (RFC 4648, sections 4 and 5). */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** Standard Webhooks asks for 24 to 64 bytes. Shorter secrets were issued, and 8 bytes cannot be guessed. */
const MIN_BYTES = 8;
const MAX_CHARS = 2_000;

/**
 * Reads a pasted webhook secret. Strips what dashboards, shells and `.env` files put around it: quotes,
 * `NAME=`, `v1,`, invisible characters, and white space and punctuation at the ends. Returns the base64
 * after `whsec_` with padding, in its own alphabet: the whole text is the key of older accounts (Standard
 * Webhooks, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export function readWebhookSecret(text: string): WebhookSecretReading {
  const pasted = bare(text.slice(0, MAX_CHARS));
  if (pasted === "") return no("empty");
  const versioned = /^v\d+[a-z]?,/i.test(pasted);
  const secret = bare(pasted.replace(/^v\d+[a-z]?,/i, ""));
  const prefixes = secret.match(/whsec_/gi)?.length ?? 0;
  if (prefixes > 1) return no("several");
  if (/^wh[ps]k_/i.test(secret)) {
    return no("asymmetric");
  }
  if (/^https?:/i.test(secret)) return no("address");
  if (/\s/.test(secret)) return no("spaces");
  // Also `whsec-`: as an older secret it would verify nothing.
  if (/^whsec(?![a-z])|whsec_/i.test(secret) && !secret.startsWith(PREFIX)) return no("prefix");
  if (secret.startsWith(PREFIX)) return standard(secret.slice(PREFIX.length));
  if (versioned) {
    return no("signature");
  }
  return LEGACY.test(secret) ? { ok: true, secret } : no("length");
}

function standard(encoded: string): WebhookSecretReading {
  // A sentence ends in a full stop, and zsh marks a missing line end with a percent sign.
  const digits = encoded.replace(/[.%]+$/, "").replace(/=+$/, "");
  if (!BASE64.test(digits) || encoded.length > 512) {
    return no("characters");
  }
  // A single leftover digit encodes no whole byte: a character is missing or extra.
  if (digits.length % 4 === 1 || Math.floor(digits.length * 3 / 4) < MIN_BYTES) {
    return no("cut");
  }
  return { ok: true, secret: PREFIX + digits.padEnd(Math.ceil(digits.length / 4) * 4, "=") };
}

/** Strips what surrounds a secret in a `.env` file, a shell command, JSON or a chat. */
function bare(text: string): string {
  let shown = text.replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, "").trim();
  for (;;) {
    const before = shown;
    shown = shown
      .replace(/^(?:export\s+|set\s+)?["']?[A-Za-z_][\w.-]*["']?\s*[:=]\s*(?=\S)(?!\/\/|=)/, "")
      .replace(/^[\s"'`“”‘’«»<(]+/, "")
      .replace(/[\s"'`“”‘’«»>);,]+$/, "");
    if (shown === before) return shown;
  }
}

function no(problem: WebhookSecretProblem): WebhookSecretReading {
  return { ok: false, problem, why: PROBLEMS[problem] };
}
