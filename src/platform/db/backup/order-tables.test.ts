import { expect, test } from 'vitest'
import { orderTables } from './order-tables.ts'

const tables = (...names: string[]) => names.map((name) => ({ name }))
const names = (ordered: { name: string }[]) => ordered.map(({ name }) => name)

test('a table comes after every table it refers to', () => {
  const references = [
    { from: 'a', to: 'c' },
    { from: 'c', to: 'd' },
    { from: 'a', to: 'b' },
  ]
  expect(names(orderTables(tables('a', 'b', 'c', 'd'), references))).toEqual(['b', 'd', 'c', 'a'])
})

test('a table may refer to itself and to tables that are not ours', () => {
  const references = [
    { from: 'a', to: 'a' },
    { from: 'a', to: 'elsewhere' },
  ]
  expect(names(orderTables(tables('a'), references))).toEqual(['a'])
})

test('tables that refer to each other in a circle are named', () => {
  const references = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a' },
  ]
  expect(() => orderTables(tables('a', 'b', 'c'), references)).toThrow('in a circle: a, b')
})
