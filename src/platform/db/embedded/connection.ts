import { Client, DatabaseError } from 'pg'

const USER = 'rapporteur'
const CONNECT_TIMEOUT_MS = 5_000

/** The address of a database on our own server. */
export function databaseUrl(port: number, password: string, database: string): string {
  return `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
}

/** One connection for the length of a function. */
export async function withConnection<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  // A server that dies while we are connected says so here as well as in the query; without a listener it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/** The version of the server that answers on a port to our password. Throws what `pg` throws if none does. */
export async function greetServer(port: number, password: string): Promise<string> {
  return withConnection(databaseUrl(port, password, 'postgres'), async (client) => {
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`)
    return rows[0]?.version ?? ''
  })
}

/** Creates a database on the server of an address unless it is there, and returns the new one's address. May run twice. */
export async function createDatabase(url: string, name: string): Promise<string> {
  const server = new URL(url)
  server.pathname = '/postgres'
  await withConnection(server.href, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount) return
    try {
      await client.query(`create database ${client.escapeIdentifier(name)}`)
    } catch (error) {
      // Somebody created it in the same moment.
      if (!(error instanceof DatabaseError) || !['42P04', '23505'].includes(error.code ?? '')) throw error
    }
  })
  server.pathname = `/${encodeURIComponent(name)}`
  return server.href
}

/** Creates a database on the server of an address, without whatever a database of that name held before. Answers its address. */
export async function createEmptyDatabase(url: string, name: string): Promise<string> {
  const server = new URL(url)
  server.pathname = '/postgres'
  await withConnection(server.href, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  )
  return createDatabase(url, name)
}
