/** A script for browsers, by the path of its `.bundle.ts`. */
export function makeBundle(source: string): string
