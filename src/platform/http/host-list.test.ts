import { expect, test } from 'vitest'
import { exactHosts, noProxyHosts } from './host-list.ts'

const url = (text: string) => new URL(text)

test('exact hosts match the host and, where one is given, the port', () => {
  const matches = exactHosts(['Intranet.Example', '10.0.0.5:8443', '[::1]:9000', 'fd00::5', 'plain.example:80'])
  const yes = [
    'https://intranet.example/x',
    'http://intranet.example.:81/',
    'https://10.0.0.5:8443/',
    'http://[::1]:9000/',
  ]
  expect([...yes, 'http://[fd00:0::5]/', 'http://plain.example/'].map((text) => matches(url(text)))).not.toContain(
    false,
  )
  const no = ['https://sub.intranet.example/', 'https://10.0.0.5/', 'http://[::1]/', 'https://plain.example/']
  expect([...no, 'https://intranet.example.evil.com/'].map((text) => matches(url(text)))).not.toContain(true)
})

test('NO_PROXY takes names with all below them, addresses, blocks and ports', () => {
  const matches = noProxyHosts(
    'corp.example, .dotted.example *.starred.example,10.0.0.0/8,192.168.1.7, port.example:8080',
  )
  const yes = [
    'https://corp.example/',
    'https://a.corp.example/',
    'http://dotted.example/',
    'http://a.starred.example/',
  ]
  expect(
    [...yes, 'http://10.9.9.9/', 'http://192.168.1.7:99/', 'http://port.example:8080/'].map((t) => matches(url(t))),
  ).not.toContain(false)
  const no = [
    'https://notcorp.example/',
    'http://11.0.0.1/',
    'http://port.example/',
    'http://192.168.1.8/',
    'http://[::1]/',
  ]
  expect(no.map((text) => matches(url(text)))).not.toContain(true)
})

test('a star exempts everything and an empty list nothing', () => {
  expect(noProxyHosts('a.example,*')(url('https://any.example/'))).toBe(true)
  expect(noProxyHosts(' , ')(url('https://any.example/'))).toBe(false)
})
