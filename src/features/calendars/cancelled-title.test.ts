import { expect, it } from 'vitest'
import { saysCancelled } from './cancelled-title.ts'

it.each([
  'Canceled: Design review',
  'CANCELLED: Design review',
  '[Cancelled] Design review',
  '(cancelled) Design review',
  'Abgesagt: Planung',
  'Annulé : Point hebdomadaire',
  'Annule\u0301 : Point hebdomadaire',
  'Cancelado: Reunión',
  'Annullato: Riunione',
  'Geannuleerd: Overleg',
  'Odwołane: Spotkanie',
  'İptal Edildi: Toplantı',
  'Отменено: Встреча',
  'キャンセル済み：計画',
  '已取消: 会议',
  '취소됨: 회의',
])('%s says that it was cancelled', (title) => {
  expect(saysCancelled(title)).toBe(true)
})

it.each([
  'Cancelled flights: what to do',
  'How we cancelled: a talk',
  'Cancellation policy',
  'Canceled',
  'Review: Canceled orders',
  'Cancelled orders',
  '',
])('%s does not', (title) => {
  expect(saysCancelled(title)).toBe(false)
})
