/** The composition root (being written). */
export interface Services {
  close(): Promise<void>;
}
