import { type Kysely, sql } from 'kysely'

/** Who somebody is: accounts of the directory with all addresses they ever had, members of groups, and who changed what. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // name_key: the full name as it is compared. gone_at: since when the directory lists the account no more.
  `create table account (
    id uuid primary key,
    provider text not null,
    native_id text not null,
    full_name text,
    name_key text,
    status text not null check (status in ('active', 'suspended', 'archived')),
    created_at timestamptz not null default now(),
    gone_at timestamptz,
    unique (provider, native_id)
  )`,
  'create index account_name on account (name_key) where gone_at is null',

  // An address belongs to one account at a time: history is kept, and one row of an address is open at most.
  `create table account_address (
    address text not null,
    account_id uuid not null references account (id),
    is_primary boolean not null,
    since timestamptz not null,
    until timestamptz,
    primary key (address, since),
    check (until > since)
  )`,
  'create unique index account_address_open on account_address (address) where until is null',
  'create index account_address_account on account_address (account_id)',

  // Addresses that may be a group: noted when an invitation names them, asked for at the directory afterwards.
  // is_group: what the directory said last; null while it never answered.
  `create table group_reading (
    group_address text primary key,
    noted_at timestamptz not null,
    read_at timestamptz,
    is_group boolean,
    failure text
  )`,
  `create table group_member (
    group_address text not null references group_reading (group_address) on delete cascade,
    member_address text not null,
    primary key (group_address, member_address)
  )`,

  `create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    by text not null,
    action text not null,
    subject text not null,
    detail jsonb not null default '{}',
    from_where text
  )`,
  'create index audit_at on audit (at, id)',
]
