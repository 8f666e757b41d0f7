/** Who is viewing a run's page, and what they may do. */

/** A share link as shown to its owner. */
export interface ShareLink {
  readonly url: string;
  readonly created_ms: number;
}

/** The owner, or a read-only visitor with the share link. */
export type Access =
  | {
    readonly kind: "owner";
    readonly share: ShareLink | null;
    /** The run's path, without a slash at its end. */
    readonly base: string;
    /** The outcome of recently asking Parallel again. */
    readonly asked?: string;
  }
  | { readonly kind: "visitor" };
