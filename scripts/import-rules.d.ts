export function sourcesBelow(root: string, folder: string): string[]
export function refusalOf(file: string, specifier: string): string | undefined
export function productWordIn(file: string, source: string): string | undefined
export function importsOf(source: string): string[]
export function findBreaches(root: string, folders?: string[]): string[]
