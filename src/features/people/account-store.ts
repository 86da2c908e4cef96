import { sql } from 'kysely'
import { newId } from '../../base/ids.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { type Account, nameKeyOf } from './account.ts'

const MARK = 'people'

/**
 * Makes the accounts of a provider those of its directory. Who is not in a whole list is gone, and their addresses are nobody's; from half a
 * list nobody is gone. An address that somebody else has now was the former's until now. Writes only differences, and says whether there
 * were any; may run twice.
 */
export async function writeAccounts(
  trx: Transaction,
  { provider, accounts, isWhole }: { provider: string; accounts: readonly Account[]; isWhole: boolean },
  now: Date,
): Promise<boolean> {
  const list = JSON.stringify(accounts.map(toRow))
  await sql`select pg_advisory_xact_lock(hashtextextended('accounts', 0))`.execute(trx)
  const changed = await sql`
    insert into account (id, provider, native_id, full_name, name_key, status, created_at)
    select id, ${provider}, "nativeId", "fullName", "nameKey", status, ${now}
    from jsonb_to_recordset(${list}::jsonb) as said (id uuid, "nativeId" text, "fullName" text, "nameKey" text, status text)
    on conflict (provider, native_id) do update
      set full_name = excluded.full_name, name_key = excluded.name_key, status = excluded.status, gone_at = null
      where (account.full_name, account.name_key, account.status, account.gone_at)
        is distinct from (excluded.full_name, excluded.name_key, excluded.status, null::timestamptz)`.execute(trx)
  const gone = !isWhole
    ? undefined
    : await sql`
        update account set gone_at = ${now}
        where provider = ${provider} and gone_at is null and not exists (
          select from jsonb_to_recordset(${list}::jsonb) as said ("nativeId" text) where said."nativeId" = native_id)`.execute(
        trx,
      )
  const addresses = await writeAddresses(trx, { provider, accounts }, now)
  const hasChanged = addresses || [changed, gone].some((result) => Number(result?.numAffectedRows ?? 0) > 0)
  if (hasChanged) await raisePeopleVersion(trx, now)
  return hasChanged
}

function toRow({ nativeId, fullName, status }: Account) {
  return { id: newId(), nativeId, fullName, nameKey: nameKeyOf(fullName) ?? null, status }
}

/** An address that was never anybody's belongs to its account from that account's beginning; one that changes hands, from now on. */
async function writeAddresses(
  trx: Transaction,
  { provider, accounts }: { provider: string; accounts: readonly Account[] },
  now: Date,
): Promise<boolean> {
  const said = sql`(
    select account.id as account_id, said.address, said."isPrimary" as is_primary, said."createdAt" as created_at
    from jsonb_to_recordset(${JSON.stringify(addressesOf(accounts))}::jsonb)
      as said ("nativeId" text, address text, "isPrimary" boolean, "createdAt" timestamptz)
    join account on account.provider = ${provider} and account.native_id = said."nativeId")`
  const closed = await sql`
    update account_address held set until = greatest(${now}, held.since + interval '1 millisecond')
    from account
    where account.id = held.account_id and account.provider = ${provider} and held.until is null
      and not exists (select from ${said} as said where said.address = held.address and said.account_id = held.account_id)
      and (account.gone_at is not null
        or account.native_id = any(${accounts.map(({ nativeId }) => nativeId)}::text[])
        or held.address in (select address from ${said} as said))`.execute(trx)
  const flagged = await sql`
    update account_address held set is_primary = said.is_primary
    from ${said} as said
    where said.address = held.address and said.account_id = held.account_id and held.until is null
      and held.is_primary <> said.is_primary`.execute(trx)
  const opened = await sql`
    insert into account_address (address, account_id, is_primary, since)
    select said.address, said.account_id, said.is_primary,
      case when exists (select from account_address former where former.address = said.address)
        then greatest(${now}, (select max(until) from account_address former where former.address = said.address))
        else least(coalesce(said.created_at, 'epoch'), ${now}) end
    from ${said} as said
    on conflict (address) where until is null do nothing`.execute(trx)
  return [closed, flagged, opened].some(({ numAffectedRows }) => Number(numAffectedRows ?? 0) > 0)
}

/** Each address once: a main one before an alias, should a directory name both. */
function addressesOf(accounts: readonly Account[]) {
  const all = [
    ...accounts.map((account) => ({ account, address: account.email, isPrimary: true })),
    ...accounts.flatMap((account) => account.aliases.map((address) => ({ account, address, isPrimary: false }))),
  ]
  const byAddress = new Map<string, (typeof all)[number]>()
  for (const one of all) if (!byAddress.has(one.address)) byAddress.set(one.address, one)
  return [...byAddress.values()].map(({ account: { nativeId, createdAt }, address, isPrimary }) => {
    return { nativeId, address, isPrimary, createdAt }
  })
}

/** With every change of what the directory said. */
export async function raisePeopleVersion(trx: Transaction, now: Date): Promise<void> {
  await sql`
    insert into setting (key, value, updated_at)
    select ${MARK}, jsonb_build_object('version', 1, 'domains', domains), ${now} from (
      select coalesce(jsonb_agg(distinct split_part(address, '@', 2)), '[]') as domains
      from account_address where until is null) as own
    on conflict (key) do update set updated_at = ${now},
      value = excluded.value || jsonb_build_object('version', (setting.value ->> 'version')::bigint + 1)`.execute(trx)
}

/** Another one after each change of accounts or groups; 0 while there are none. Read cheaply, also as a part of another statement. */
const peopleVersion = sql<number>`coalesce((select (value ->> 'version')::int from setting where key = ${MARK}), 0)`

export async function readPeopleVersion(db: Database | Transaction): Promise<number> {
  const { rows } = await sql<{ version: number }>`select ${peopleVersion} as version`.execute(db)
  return rows[0]?.version ?? 0
}

/** The domains of the accounts' addresses in lower case, as a list in JSON; none where no directory was read. */
export const ownDomains = sql`(select value -> 'domains' from setting where key = ${MARK})`

/** For every address that an account has, or had at an instant, one that stands for all of them: the main one of today, if it was among them. */
export async function listAliases(
  db: Database | Transaction,
  at?: Date,
): Promise<{ alias: string; address: string }[]> {
  const inForce = at === undefined ? sql`until is null` : sql`since <= ${at} and (until is null or until > ${at})`
  const { rows } = await sql<{ alias: string; address: string }>`
    select address as alias, first_value(address) over (partition by account_id order by is_primary desc, address) as address
    from account_address where ${inForce}`.execute(db)
  return rows.filter(({ alias, address }) => alias !== address)
}

/** The main address of everybody who is there and in use. */
export async function listMainAddresses(db: Database | Transaction): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select address from account_address held join account on account.id = held.account_id
    where held.until is null and held.is_primary and account.status = 'active' order by 1`.execute(db)
  return rows.map(({ address }) => address)
}
