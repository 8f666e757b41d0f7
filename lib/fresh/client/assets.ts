/**
 * How `asset()` finds a file's hash. The one holder of state in the framework: `asset` is a plain
 * function that is called from components, so there is nothing else it could be given.
 */

/**
 * `of` is replaced by the server while it renders, and by the boot script with what the page
 * asked for, so that both sides render the same URL.
 */
export const assetUrls: { of: (path: string) => string } = { of: (path) => path };
