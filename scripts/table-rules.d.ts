export interface TableOwners {
  tables: Map<string, string>
  keys: Map<string, string>
}
export function readOwners(root: string): TableOwners
export function tableRefusalsOf(owners: TableOwners, file: string, source: string): string[]
export function findTableBreaches(root: string, folders?: string[]): string[]
