/**
 * How `asset()` finds a file's hash. The one holder of state in the framework: `asset` is a plain
 * function that is called from components, so there is nothing else it could be given.
 */

/**
 * `of` is set when a build is attached, by the server for the app whose page it renders, and by the
 * boot script to what the page asked for, so that both sides render the same URL.
 */
export const assetUrls: { of: (path: string) => string } = { of: (path) => path };
