/** Who reads a run's page, and what they may do. */

/** A share link as its owner sees it. */
export interface ShareLink {
  readonly url: string;
  readonly created_ms: number;
}

/** The owner, or somebody with the share link, who may only read. */
export type Access =
  | {
    readonly kind: "owner";
    readonly share: ShareLink | null;
    /** The run's path, without a slash at its end. */
    readonly base: string;
    /** What came of asking Parallel again a moment ago. */
    readonly asked?: string;
  }
  | { readonly kind: "visitor" };
